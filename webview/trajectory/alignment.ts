import type { WalkInfo } from '../protocol.ts';

/** Timestep of a state; 0 for the result, which is x_0. */
export function timestepOf({ steps }: WalkInfo, order: number): number {
  return steps[order]?.t ?? 0;
}

/** Place of a state among the kept ones; of the nearest before it where it was not kept. */
export function positionOf({ kept }: WalkInfo, order: number | null): number {
  if (order === null) return kept.length - 1;
  const after = kept.findIndex((one) => one > order);
  return after < 0 ? kept.length - 1 : Math.max(0, after - 1);
}

/** The kept state of another walk that belongs to a state of this one: the result to the result, else the one whose t is nearest. */
export function orderAt(other: WalkInfo, info: WalkInfo, order: number): number {
  const result = other.steps.length;
  if (order >= info.steps.length) return result;
  const t = timestepOf(info, order);
  const states = other.kept.filter((one) => one < result);
  return states.reduce((best, one) => (Math.abs(timestepOf(other, one) - t) < Math.abs(timestepOf(other, best) - t) ? one : best), states[0] ?? result);
}

/** Where a timestep lies along the kept states of a walk, counted in states: 0 at the start, between two states in proportion. */
export function placeOfTimestep(info: WalkInfo, t: number): number {
  const states = info.kept.filter((order) => order < info.steps.length);
  const after = states.findIndex((order) => timestepOf(info, order) <= t);
  if (after === 0 || states.length === 0) return 0;
  const last = states.length - 1;
  if (after < 0) {                                                       // between the last state and the result, which is one below t = 0
    const lowest = timestepOf(info, states[last]!);
    return last + (lowest - t) / (lowest + 1);
  }
  const [high, low] = [timestepOf(info, states[after - 1]!), timestepOf(info, states[after]!)];
  return after - (high > low ? (t - low) / (high - low) : 0);
}

/** Timesteps as people read them: fractional ones, which DPM-Solver++ has, with one decimal. */
export function timestepText(t: number): string {
  return Number.isInteger(t) ? String(t) : t.toFixed(1);
}
