import { KernelFailure } from '../failure.ts';
import type { Action } from '../recipe/actions.ts';
import type { ActionOutcome } from '../recipe/outcome.ts';
import type { ParsedRecipe } from '../recipe/parsed.ts';
import { summaryOf } from '../recipe/summary.ts';
import type { ActionJob } from './actions/actionJob.ts';
import { runCompare } from './actions/compareAction.ts';
import { runMeasure } from './actions/measureAction.ts';
import { runRestore } from './actions/restoreAction.ts';
import { runShow } from './actions/showAction.ts';
import { runTrajectory } from './actions/trajectoryAction.ts';
import { errorInKeys, inKeys } from './inKeys.ts';

export type { ActionJob };

/** More problems nobody reads in one sentence. */
const mostSaid = 3;

/**
 * Runs one action of a recipe. Results of earlier actions are among the names of the job.
 * @param index counted from 0
 * @throws KernelFailure('usage') for a recipe with a problem, naming line and column, or without such an action
 */
export async function runAction(recipe: ParsedRecipe, index: number, job: ActionJob): Promise<ActionOutcome> {
  refuseProblems(recipe);
  const { action, keys = [] } = recipe.actions[index] ?? {};
  if (!action) throw new KernelFailure('usage', recipe.actions.length === 0 ? 'there is no action in the recipe' : `the recipe has the actions 1 to ${recipe.actions.length}, and none with the number ${index + 1}`);
  job.signal.throwIfAborted();
  try {
    const outcome = await run(action, keys.map(({ name }) => name), job);
    return { ...outcome, notes: outcome.notes.map(inKeys) };
  } catch (error) {
    throw errorInKeys(error);
  }
}

function run(action: Action, order: readonly string[], job: ActionJob): Promise<ActionOutcome> {
  switch (action.kind) {
    case 'restore':
      return runRestore(action.value, job);
    case 'trajectory':
      return runTrajectory(action.value, job);
    case 'compare':
      return runCompare(action.value, order, job);
    case 'measure':
      return runMeasure(action.value, job);
    case 'show':
      return runShow(action.value, job);
    default:
      return action satisfies never;
  }
}

/** What is wrong anywhere in a document keeps all of it from running: half a recipe is another recipe. */
function refuseProblems(recipe: ParsedRecipe): void {
  const { problems } = summaryOf(recipe);
  if (problems.length === 0) return;
  const said = problems.slice(0, mostSaid).map(({ message, line, column }) => `line ${line + 1}, column ${column + 1}: ${message}`);
  const more = problems.length - said.length;
  throw new KernelFailure('usage', `the recipe cannot be run: ${said.join('; ')}${more > 0 ? `; and ${more} more` : ''}`);
}
