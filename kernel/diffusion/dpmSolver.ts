import { predictX0, type Denoiser, type SamplerState, type WalkOptions } from './denoiser.ts';
import type { DiffusionStep } from './schedule.ts';
import type { Tensor } from '../tensor/tensor.ts';

interface GridPoint {
  /** Timestep of the original chain, fractional. */
  readonly t: number;
  readonly alphaBar: number;
  /** Half the log-SNR, log(sqrt(alphaBar) / sqrt(1 - alphaBar)). */
  readonly lambda: number;
}

/** What the solver looks back at: the prediction of its step before, and where that was. */
export interface SolverHistory {
  readonly predX0: Tensor;
  readonly alphaBar: number;
}

/**
 * DPM-Solver++(2M): second-order multistep in data prediction (Lu et al. 2022, "DPM-Solver++", algorithm 2), deterministic, x0 clipped to [-1, 1].
 * Its first step is of first order unless it has a history; the step to 0 ends in predX0 itself.
 * @param steps from the most to the least noisy; each walks to its `alphaBarPrev`
 */
export async function* sampleDpmSolver(denoise: Denoiser, xStart: Tensor, steps: Iterable<DiffusionStep>, { signal, first = 0, previous: history }: Omit<WalkOptions, 'noise'> & { readonly previous?: SolverHistory }): AsyncGenerator<SamplerState> {
  let x = xStart;
  let previous = history;
  let order = first;
  for (const { t, alphaBar, alphaBarPrev } of steps) {
    signal.throwIfAborted();
    const { eps } = await denoise(x, t);
    const predX0 = predictX0(x, eps, alphaBar);
    const xPrev = alphaBarPrev < 1 ? stepTo(x, alphaBar, alphaBarPrev, predX0, previous) : predX0;
    yield { order, t, alphaBar, xT: x, eps, predX0, xPrev };
    previous = { predX0, alphaBar };
    x = xPrev;
    order++;
  }
}

/** x at the next point: (sigma'/sigma) x - alpha' (exp(-h) - 1) D, with D extrapolated from the last two predictions (eqs. 9 and 12). */
function stepTo(x: Tensor, from: number, to: number, predX0: Tensor, previous: SolverHistory | undefined): Tensor {
  const h = halfLogSnr(to) - halfLogSnr(from);
  const keep = Math.sqrt((1 - to) / (1 - from));
  const add = -Math.sqrt(to) * Math.expm1(-h);
  const weight = previous ? h / (2 * (halfLogSnr(from) - halfLogSnr(previous.alphaBar))) : 0;
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

/** log(sqrt(alphaBar) / sqrt(1 - alphaBar)) */
function halfLogSnr(alphaBar: number): number {
  return 0.5 * Math.log(alphaBar / (1 - alphaBar));
}
