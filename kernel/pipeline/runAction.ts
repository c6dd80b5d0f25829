import { KernelFailure } from '../failure.ts';
import type { ActionOutcome, NamedResult } from '../recipe/outcome.ts';
import type { ParsedRecipe } from '../recipe/parsed.ts';
import type { EnginePool } from './enginePool.ts';
import type { OnProgress } from './progress.ts';

export interface ActionJob {
  /** Absolute: what paths of the recipe are relative to. */
  readonly folder: string;
  /** Results that earlier documents and actions named. */
  readonly names: readonly NamedResult[];
  readonly engines: EnginePool;
  /** Where the networks run if the action does not say. */
  readonly device: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/**
 * Runs one action of a recipe.
 * @param index counted from 0
 * @throws KernelFailure('usage') for a recipe with a problem, naming line and column
 */
export function runAction(recipe: ParsedRecipe, index: number, { folder }: ActionJob): Promise<ActionOutcome> {
  return Promise.reject(new KernelFailure('usage', `action ${index} of ${recipe.actions.length} in ${folder}`));
}
