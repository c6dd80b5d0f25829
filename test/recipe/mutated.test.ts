import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { complete } from '../../kernel/recipe/language/completion.ts';
import { checkRecipe } from '../../kernel/pipeline/recipeChecks/checkRecipe.ts';
import { format } from '../../kernel/recipe/language/formatting.ts';
import { hover } from '../../kernel/recipe/language/hover.ts';
import { lenses } from '../../kernel/recipe/language/lenses.ts';
import { links } from '../../kernel/recipe/language/links.ts';
import { namePlaces } from '../../kernel/recipe/language/naming.ts';
import { outline } from '../../kernel/recipe/language/outline.ts';
import { tokens } from '../../kernel/recipe/language/tokens.ts';
import { parseRecipe } from '../../kernel/recipe/parse.ts';
import type { Span } from '../../kernel/recipe/problem.ts';
import { summaryOf } from '../../kernel/recipe/summary.ts';
import { world } from './memory.ts';
import { mutatedRecipe } from './mutatedRecipes.ts';

/** Words of libraries and of programs: no person should read them. */
const ugly = /Invalid input|Unrecognized|\[object|undefined|NaN\b|\n\s+at |Error:|Maximum call stack|This should not happen|ZodError|\btoken|scalar|[Ii]mplicit|YAML\./;

/** What no change of the layout takes away. */
function lettersOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '');
}

describe('2,000 generated and mutated recipes', () => {
  it('never crash or hang anything, and each problem has a place and words for a person', async () => {
    const around = world();
    let problems = 0;
    await fc.assert(fc.asyncProperty(mutatedRecipe, fc.double({ min: 0, max: 1, noNaN: true }), async (text, share) => {
      const began = performance.now();
      const recipe = parseRecipe(text);
      const inText = ({ start, end }: Span, what: string): void => {
        assert.ok(start >= 0 && start <= end && end <= text.length, `${what} is at ${start} to ${end} of ${text.length}`);
      };
      const found = await checkRecipe(recipe, around);
      for (const { code, message, at, fixes } of found) {
        problems++;
        inText(at, message);
        assert.ok(text.length === 0 || at.end > at.start, message);
        // what a person wrote is quoted back, and may be anything
        const ours = message.replaceAll(/'[^']*'/g, '').replace(/^[^;]*does not exist/, 'it does not exist').replace(/^.* is (a folder|neither)/s, 'it is');
        assert.ok(message.length > 5 && (!ugly.test(ours) || ugly.test(text)), message);
        for (const fix of fixes) {
          inText(fix.at, fix.title);
          if (code === 'yaml') assert.equal(lettersOf(text.slice(0, fix.at.start) + fix.text + text.slice(fix.at.end)), lettersOf(text), `'${fix.title}' loses something`);
        }
      }
      if (recipe.actions.some(({ action }) => action === undefined)) assert.ok(recipe.problems.length > 0);
      summaryOf(recipe);
      const offset = Math.round(share * text.length);
      for (const one of await complete(text, offset, around)) {
        inText(one.at, one.label);
        assert.ok(one.at.start <= offset && offset <= one.at.end && !text.slice(one.at.start, one.at.end).includes('\n'), `${one.label} replaces ${one.at.start} to ${one.at.end} at ${offset}`);
      }
      const hovered = await hover(recipe, offset, around);
      if (hovered) inText(hovered.at, 'a hover');
      let from = 0;
      for (const { at } of tokens(recipe)) {
        inText(at, 'a token');
        assert.ok(at.start >= from, 'tokens overlap');
        from = at.end;
      }
      for (const { at } of [...lenses(recipe), ...await links(recipe, around), ...namePlaces(recipe)]) inText(at, 'a place');
      for (const { at, title, name } of outline(recipe)) {
        inText(at, name);
        assert.ok(name !== '' && title.start >= at.start && title.end <= at.end, `the title of ${name} is outside`);
      }
      const once = format(text);
      if (once !== undefined) {
        assert.equal(format(once), once);
        assert.deepEqual(parseRecipe(once).actions.map(({ action }) => action), recipe.actions.map(({ action }) => action));
      }
      assert.ok(performance.now() - began < 5000, 'it took more than five seconds');
    }), { numRuns: 2000 });
    assert.ok(problems > 1000, `only ${problems} problems: the recipes are too good to test anything`);
  });
});
