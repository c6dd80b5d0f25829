import { createHash } from 'node:crypto';
import type { Surroundings } from '../../recipe/language/surroundings.ts';
import { sourceOf, withMakers } from '../../recipe/makers.ts';
import type { ParsedRecipe } from '../../recipe/parsed.ts';
import type { Diagnosis } from '../../recipe/problem.ts';
import { placedMessages, summaryOf, type PlacedMessage, type RecipeSummary } from '../../recipe/summary.ts';
import { checkRecipe } from './checkRecipe.ts';

/** What of a recipe is going to run, and what keeps it from that: where there are problems, nothing runs. */
export interface PlannedRun extends RecipeSummary {
  readonly chosen: readonly ChosenAction[];
  /** What a run goes on with, and a person should know. */
  readonly warnings: readonly PlacedMessage[];
}

export interface ChosenAction {
  /** Counted from 0. */
  readonly action: number;
  /** Sum of the text that decides its result: the same one, the same result. */
  readonly made: string;
}

/**
 * Looks whether a recipe can run.
 * @param action one alone, counted from 0, after those whose results it uses; all where absent
 */
export async function plannedRun(recipe: ParsedRecipe, around: Surroundings, action?: number): Promise<PlannedRun> {
  const alone = action !== undefined;
  if (alone && (!recipe.actions[action] || recipe.problems.length > 0)) return { ...summaryOf(recipe), chosen: [], warnings: [] };
  const chosen = alone ? withMakers(recipe, action) : [...recipe.actions.keys()];
  const found = (await checkRecipe(recipe, around, chosen)).map(withRemedy);
  const sum = (index: number): string => createHash('sha256').update(sourceOf(recipe, index)).digest('hex');
  return { ...summaryOf(recipe, found), chosen: chosen.map((index) => ({ action: index, made: sum(index) })), warnings: placedMessages(recipe, found, 'warning') };
}

/** Who runs a recipe has no quick fixes beside what is wrong. */
function withRemedy({ install, ...found }: Diagnosis): Diagnosis {
  return install === undefined ? found : { ...found, message: `${found.message}; 'difface weights install ${install}' installs them` };
}
