import { OptionFailure } from '../failure.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { sampleDdim } from './ddim.ts';
import { sampleDdpm } from './ddpm.ts';
import type { Denoiser, SamplerState } from './denoiser.ts';
import { logSnrGrid, sampleDpmSolver, type SolverHistory } from './dpmSolver.ts';
import { diffuse } from './forward.ts';
import type { NoiseSource } from './noise.ts';
import { checkRecipe, recipeSteps, type SamplerKind, type SamplerRecipe } from './recipe.ts';
import { linearSchedule, stepBetween, type DiffusionSchedule, type DiffusionStep } from './schedule.ts';

/** From one state on, a walk goes another way: with another seed, eta or sampler. */
export interface Turn {
  /** Order of the state from which it goes on, counted from 0 at the start of the walk. */
  readonly at: number;
  readonly sampler: SamplerKind;
  /** Network calls from that state to 0. */
  readonly steps: number;
  /** Of DDIM, 0 .. 1; 0 for the others. */
  readonly eta: number;
  readonly seed: number;
}

/** One step of a walk, and how it is taken. */
export interface PlannedStep {
  readonly step: DiffusionStep;
  readonly sampler: SamplerKind;
  readonly eta: number;
  /** Of the turn the step belongs to; undefined before the first. */
  readonly seed: number | undefined;
}

/** What a sampler holds before a step: enough to go on from there as if it had never stopped. */
export interface WalkPoint {
  /** Order of the step it is about to take. */
  readonly order: number;
  /** (B, 3, H, W) */
  readonly x: Tensor;
  /** predX0 of the step before, which a multistep sampler looks back at. */
  readonly previousX0?: Tensor;
}

export interface TurnedWalkOptions {
  /** Noise of the walk until its first turn. */
  readonly noise: NoiseSource;
  /** Noise of the same faces under the seed of a turn. */
  readonly reseeded: (seed: number) => NoiseSource;
  /** Looked at between steps. */
  readonly signal: AbortSignal;
}

/**
 * All steps of a walk with its turns. A turn with the sampler and the number of steps that are left keeps the steps as they are; else the rest of the way is divided anew:
 * DPM-Solver++ evenly in log-SNR, the others evenly over the chain's steps below.
 * @param turns ascending in `at`
 * @throws KernelFailure('usage') when the recipe or a turn does not fit the chain
 */
export function plannedSteps(recipe: SamplerRecipe, turns: readonly Turn[]): readonly PlannedStep[] {
  const schedule = linearSchedule(recipe.respacing);
  checkRecipe(recipe, schedule);
  let planned: readonly PlannedStep[] = recipeSteps(recipe, schedule).map((step) => ({ step, sampler: recipe.kind, eta: recipe.kind === 'ddim' ? recipe.eta : 0, seed: undefined }));
  let before = -1;
  for (const turn of turns) {
    const from = planned[turn.at];
    if (!from || turn.at <= before) throw new OptionFailure('usage', 'branches', `a turn at step ${turn.at} does not fit a walk of ${planned.length} steps${before >= 0 ? `, after one at step ${before}` : ''}`);
    before = turn.at;
    const left = planned.slice(turn.at);
    const rest = left.length === turn.steps && (from.sampler === 'dpm++') === (turn.sampler === 'dpm++')
      ? left.map(({ step, sampler }) => (sampler === turn.sampler ? step : stepBetween(step.index, step.t, step.alphaBar, step.alphaBarPrev)))
      : dividedAnew(schedule, from.step, turn);
    planned = [...planned.slice(0, turn.at), ...rest.map((step) => ({ step, sampler: turn.sampler, eta: turn.eta, seed: turn.seed }))];
  }
  return planned;
}

/**
 * Diffuses the estimate to the start, or takes a state up again, and walks to 0.
 * @param from the backbone's estimate, (B, 3, H, W) in [-1, 1], or a state
 */
export async function* walk(denoise: Denoiser, recipe: SamplerRecipe, turns: readonly Turn[], from: { readonly estimate: Tensor } | WalkPoint, options: TurnedWalkOptions): AsyncGenerator<SamplerState> {
  const planned = plannedSteps(recipe, turns);
  let point: WalkPoint = 'estimate' in from ? { order: 0, x: diffuse(from.estimate, linearSchedule(recipe.respacing).steps[recipe.start]!, options.noise) } : from;
  while (point.order < planned.length) {
    const first = point.order;
    const { sampler, eta, seed } = planned[first]!;
    const steps = planned.slice(first, turns.find(({ at }) => at > first)?.at).map(({ step }) => step);
    const segment = { first, eta, noise: seed === undefined ? options.noise : options.reseeded(seed), signal: options.signal };
    for await (const state of sample[sampler](denoise, point.x, steps, { ...segment, ...historyOf(point, planned[first - 1]) })) {
      point = { order: state.order + 1, x: state.xPrev, previousX0: state.predX0 };
      yield state;
    }
  }
}

const sample = { ddim: sampleDdim, ddpm: sampleDdpm, 'dpm++': sampleDpmSolver } as const;

/** DPM-Solver++ looks back at its own steps alone. */
function historyOf({ previousX0 }: WalkPoint, before: PlannedStep | undefined): { readonly previous?: SolverHistory } {
  return previousX0 && before?.sampler === 'dpm++' ? { previous: { predX0: previousX0, alphaBar: before.step.alphaBar } } : {};
}

function dividedAnew(schedule: DiffusionSchedule, from: DiffusionStep, { sampler, steps: count }: Turn): readonly DiffusionStep[] {
  if (sampler === 'dpm++') return betweenPoints([{ ...from }, ...logSnrGrid(schedule.baseAlphaBar, from.t, count).slice(1)]);
  const below = schedule.steps.filter(({ t }) => t < from.t);
  if (count - 1 > below.length) throw new OptionFailure('usage', 'branches', `${sampler} has ${below.length + 1} steps from t = ${Math.round(from.t)} on; ${count} cannot be taken`);
  return betweenPoints([from, ...Array.from({ length: count - 1 }, (_, i) => below[Math.round((below.length * (count - 2 - i)) / (count - 1))]!)]);
}

/** Steps from each point to the next, the last one to 0. */
function betweenPoints(points: readonly { readonly t: number; readonly alphaBar: number }[]): readonly DiffusionStep[] {
  return points.map(({ t, alphaBar }, i) => stepBetween(points.length - 1 - i, t, alphaBar, points[i + 1]?.alphaBar ?? 1));
}
