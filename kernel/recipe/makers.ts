import { isScalar } from 'yaml';
import { nameReferences } from './names.ts';
import type { ParsedAction, ParsedRecipe } from './parsed.ts';

/** The number of an action after those of the actions whose results it uses, and theirs, in the order in which they stand. Counted from 0. */
export function withMakers({ actions }: Pick<ParsedRecipe, 'actions'>, index: number): readonly number[] {
  const needed = new Set([index]);
  for (const one of needed) {                                           // grows while it is walked
    for (const { name } of nameReferences(actions[one]!.keys)) {
      const maker = actions.findLastIndex((other, i) => i < one && nameGivenBy(other) === name);
      if (maker >= 0) needed.add(maker);
    }
  }
  return [...needed].sort((a, b) => a - b);
}

/** The text that decides what an action comes to: its own, after that of those whose results it uses. */
export function sourceOf(recipe: Pick<ParsedRecipe, 'actions' | 'text'>, index: number): string {
  return withMakers(recipe, index).map((i) => recipe.text.slice(recipe.actions[i]!.at.start, recipe.actions[i]!.at.end)).join('\n');
}

function nameGivenBy({ keys }: ParsedAction): string | undefined {
  const as = keys.find(({ name }) => name === 'as')?.node;
  return isScalar(as) && typeof as.value === 'string' ? as.value : undefined;
}
