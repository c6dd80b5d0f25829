import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { runAfterMakers, type MadeResults } from '../../extension/makersRun.ts';
import { world } from '../recipe/memory.ts';
import { plannedRun } from '../../kernel/pipeline/recipeChecks/plannedRun.ts';
import { parseRecipe } from '../../kernel/recipe/parse.ts';

describe('warnings', () => {
  it('keep nothing from running, and are told with their place', async () => {
    const { chosen, problems, warnings } = await plannedRun(parseRecipe('- show: portrait.png\n- show: notes.txt\n'), world());
    assert.deepEqual([chosen.length, problems, warnings], [2, [], [{ message: 'notes.txt is neither a picture nor a clip, by its name', line: 1, column: 8 }]]);
  });
});

describe('an action above which one clicks', () => {
  const recipe = ['- restore: portrait.png', '  as: a', '- restore: portrait.png', '  as: other', '- restore: $a', '  as: b', '- show: $b', ''].join('\n');
  const gone = new Set<string>();
  const run = async (text: string, action: number, made: MadeResults): Promise<readonly string[]> => {
    const parsed = parseRecipe(text);
    const { chosen } = await plannedRun(parsed, world(), action);
    const ran: string[] = [];
    const outcomes = await runAfterMakers({ chosen }, made, ({ path }) => !gone.has(path), (index, names) => {
      ran.push(`${index} with ${names.map(({ name }) => name).join()}`);
      const value = parsed.actions[index]!.action!.value;
      return Promise.resolve({ kind: 'restore', shown: [], links: [], notes: [], ...('as' in value ? { named: { name: value.as, path: `/made/${value.as}.png` } } : {}) });
    });
    assert.equal(outcomes.length, ran.length);
    return ran;
  };

  it('runs after those whose results it uses, which are not made again', async () => {
    const made: MadeResults = new Map();
    assert.deepEqual(await run(recipe, 3, made), ['0 with ', '2 with a', '3 with a,b']);
    assert.deepEqual(await run(recipe, 3, made), ['3 with a,b']);
    assert.deepEqual(await run(recipe, 2, made), ['2 with a'], 'what one asks for runs');
  });

  it('has them made again where their text was changed, or they are gone', async () => {
    const made: MadeResults = new Map();
    await run(recipe, 3, made);
    assert.deepEqual(await run(recipe.replace('as: b', 'as: b\n  seed: 3'), 3, made), ['2 with a', '3 with a,b']);
    assert.deepEqual(await run(recipe.replace('as: a', 'as: a\n  seed: 3'), 3, made), ['0 with ', '2 with a', '3 with a,b'], 'with all that was made of them');
    assert.deepEqual(await run(recipe.replace('as: other', 'as: another'), 3, made), ['3 with a,b'], 'others do not matter');
    gone.add('/made/b.png');
    assert.deepEqual(await run(recipe, 3, made), ['2 with a', '3 with a,b']);
  });
});
