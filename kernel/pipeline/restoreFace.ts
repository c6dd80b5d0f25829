import type { RestoreOutcome } from '../inference/protocol.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { blendEstimate, SeedStatisticsRecorder } from '../trajectory/seedMap.ts';
import type { Engine } from './engine.ts';
import { turnsOf, type Plan } from './plan.ts';

export interface FaceJob {
  readonly engine: Engine;
  readonly plan: Plan;
  /** The plan's, or that of a frame with noise of its own. */
  readonly seed: number;
  /** Number of the face or of the track, counted from 0. */
  readonly track: number;
  readonly signal: AbortSignal;
  readonly onStep: (step: number, steps: number) => void;
}

/**
 * Restores one aligned crop as the plan says.
 * @param crop (1, 3, S, S) in [0, 1], S being the model's size
 * @returns likewise
 */
export async function restoreFace(crop: Tensor, { engine, plan, seed, track, signal, onStep }: FaceJob): Promise<Tensor> {
  const { method, blend } = plan;
  const turns = turnsOf(plan, track);
  if (!blend) return (await engine.restore(crop, { method, turns, seed, track, signal, onStep })).restored;
  const statistics = new SeedStatisticsRecorder(crop.shape.slice(-3) as [number, number, number]);
  let first: RestoreOutcome | undefined;
  for (let i = 0; i < blend.seeds; i++) {
    const outcome = await engine.restore(crop, {
      method, turns: turns.map((turn) => ({ ...turn, seed: otherSeed(turn.seed, i) })), seed: otherSeed(seed, i), track, signal, ...(first ? { known: { estimate: first.estimate } } : {}),
      onStep: (step, steps) => {
        onStep(i * steps + step, blend.seeds * steps);
      },
    });
    first ??= outcome;
    statistics.add(outcome.restored);
  }
  return blendEstimate(first!.restored, first!.estimate, statistics.statistics.deviation, blend.above / 2); // results are in [0, 1], the threshold in [-1, 1]
}

/** The i-th seed of a map: the first is the walk's own. */
export function otherSeed(seed: number, i: number): number {
  return (seed + i) % 2 ** 32;
}
