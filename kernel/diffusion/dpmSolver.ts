import { predictX0, type Denoiser, type SamplerState, type WalkOptions } from './denoiser.ts';
import type { DiffusionSchedule } from './schedule.ts';
import type { Tensor } from '../tensor/tensor.ts';

interface GridPoint {
  /** Timestep of the original chain, fractional. */
  readonly t: number;
  readonly alphaBar: number;
  /** Half the log-SNR, log(sqrt(alphaBar) / sqrt(1 - alphaBar)). */
  readonly lambda: number;
}

/**
 * DPM-Solver++(2M): second-order multistep in data prediction (Lu et al. 2022, "DPM-Solver++", algorithm 2), deterministic, x0 clipped to [-1, 1],
 * on a grid that is uniform in log-SNR from `startT` to 0; the last step is first order and ends in predX0 itself.
 * @param startT timestep of xStart in the original chain
 * @param count network calls, at least 1
 */
export async function* sampleDpmSolver(denoise: Denoiser, xStart: Tensor, schedule: DiffusionSchedule, startT: number, count: number, { signal }: WalkOptions): AsyncGenerator<SamplerState> {
  const grid = logSnrGrid(schedule.baseAlphaBar, startT, count);
  let x = xStart;
  let previous: { readonly predX0: Tensor; readonly lambda: number } | undefined;
  for (const [order, point] of grid.entries()) {
    signal.throwIfAborted();
    const { eps } = await denoise(x, point.t);
    const predX0 = predictX0(x, eps, point.alphaBar);
    const next = grid[order + 1];
    const xPrev = next ? stepTo(x, point, next, predX0, previous) : predX0;
    yield { order, t: point.t, alphaBar: point.alphaBar, xT: x, eps, predX0, xPrev };
    previous = { predX0, lambda: point.lambda };
    x = xPrev;
  }
}

/** x at the next point: (sigma'/sigma) x - alpha' (exp(-h) - 1) D, with D extrapolated from the last two predictions (eqs. 9 and 12). */
function stepTo(x: Tensor, from: GridPoint, to: GridPoint, predX0: Tensor, previous: { readonly predX0: Tensor; readonly lambda: number } | undefined): Tensor {
  const h = to.lambda - from.lambda;
  const keep = Math.sqrt((1 - to.alphaBar) / (1 - from.alphaBar));
  const add = -Math.sqrt(to.alphaBar) * Math.expm1(-h);
  const weight = previous ? h / (2 * (from.lambda - previous.lambda)) : 0;
  const data = new Float32Array(x.data.length);
  for (let i = 0; i < data.length; i++) {
    const now = predX0.data[i]!;
    const d = previous ? now + weight * (now - previous.predX0.data[i]!) : now;
    data[i] = keep * x.data[i]! + add * d;
  }
  return { data, shape: x.shape };
}

/** `count` points from startT down to 0, evenly spaced in log-SNR; t by linear interpolation of lambda between the chain's steps. */
export function logSnrGrid(baseAlphaBar: Float64Array, startT: number, count: number): readonly GridPoint[] {
  const lambdaAt = (t: number): number => {
    const low = Math.min(baseAlphaBar.length - 2, Math.floor(t));
    const [a, b] = [halfLogSnr(baseAlphaBar[low]!), halfLogSnr(baseAlphaBar[low + 1]!)];
    return a + (b - a) * (t - low);
  };
  const start = lambdaAt(startT);
  const end = halfLogSnr(baseAlphaBar[0]!);
  return Array.from({ length: count }, (_, i) => {
    const lambda = count === 1 ? start : start + ((end - start) * i) / (count - 1);
    // lambda falls with t: bisect for the fractional t.
    let [low, high] = [0, startT];
    for (let k = 0; k < 60; k++) {
      const middle = (low + high) / 2;
      if (lambdaAt(middle) > lambda) low = middle;
      else high = middle;
    }
    const t = i === 0 ? startT : i === count - 1 ? 0 : (low + high) / 2;
    return { t, lambda, alphaBar: 1 / (1 + Math.exp(-2 * lambda)) };
  });
}

function halfLogSnr(alphaBar: number): number {
  return 0.5 * Math.log(alphaBar / (1 - alphaBar));
}
