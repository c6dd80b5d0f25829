import { OptionFailure } from '../failure.ts';
import { logSnrGrid } from './dpmSolver.ts';
import { stepBetween, type DiffusionSchedule, type DiffusionStep } from './schedule.ts';

export type SamplerKind = 'ddim' | 'ddpm' | 'dpm++';

/** How to walk from the diffused estimate to the restored face. `start` is an index into the respaced chain. */
export type SamplerRecipe =
  | { readonly kind: 'ddim'; readonly respacing: string; readonly start: number; readonly steps: number; readonly eta: number }
  | { readonly kind: 'ddpm'; readonly respacing: string; readonly start: number }
  | { readonly kind: 'dpm++'; readonly respacing: string; readonly start: number; readonly steps: number };

/**
 * The steps of a recipe, from the most to the least noisy. As the reference does it, the estimate is diffused to index `start` and the walk begins one index below
 * (DDIM, DDPM); DPM-Solver++ begins at `start` itself.
 */
export function recipeSteps(recipe: SamplerRecipe, schedule: DiffusionSchedule): readonly DiffusionStep[] {
  switch (recipe.kind) {
    case 'ddim':
      return walkDown(schedule, recipe.start, recipe.steps);
    case 'ddpm':
      return walkDown(schedule, recipe.start, recipe.start);
    case 'dpm++': {
      const grid = logSnrGrid(schedule.baseAlphaBar, schedule.steps[recipe.start]!.t, recipe.steps);
      return grid.map(({ t, alphaBar }, i) => stepBetween(grid.length - 1 - i, t, alphaBar, grid[i + 1]?.alphaBar ?? 1));
    }
    default:
      return recipe satisfies never;
  }
}

export function checkRecipe(recipe: SamplerRecipe, schedule: DiffusionSchedule): void {
  const last = schedule.steps.length - 1;
  if (!Number.isInteger(recipe.start) || recipe.start < 1 || recipe.start > last) {
    throw new OptionFailure('usage', 'start', `the start step must be 1 to ${last} (the chain '${schedule.respacing}' has ${last + 1} steps), not ${recipe.start}`);
  }
  if (recipe.kind !== 'ddpm' && (!Number.isInteger(recipe.steps) || recipe.steps < 1)) throw new OptionFailure('usage', 'steps', `the number of steps must be 1 or more, not ${recipe.steps}`);
  if (recipe.kind === 'ddim' && recipe.steps > recipe.start) {
    throw new OptionFailure('usage', 'steps', `ddim has ${recipe.start} steps below the start ${recipe.start}; ${recipe.steps} cannot be taken`);
  }
}

/**
 * The chain's steps from index start - 1 down to 0; with fewer `count`, every so many of them, the first and the last included, each walking to the next.
 */
function walkDown(schedule: DiffusionSchedule, start: number, count: number): readonly DiffusionStep[] {
  if (count === start) return schedule.steps.slice(0, start).reverse();
  const indices = Array.from({ length: count }, (_, i) => Math.round(((start - 1) * (count - 1 - i)) / Math.max(1, count - 1)));
  if (count === 1) indices[0] = start - 1;
  return indices.map((index, i) => {
    const next = indices[i + 1];
    const step = schedule.steps[index]!;
    return next === undefined ? { ...step, index: 0, alphaBarPrev: 1 } : { ...step, alphaBarPrev: schedule.steps[next]!.alphaBar };
  });
}
