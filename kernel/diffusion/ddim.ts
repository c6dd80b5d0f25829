import { predictX0, type Denoiser, type SamplerState, type WalkOptions } from './denoiser.ts';
import type { DiffusionStep } from './schedule.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** The weights of predX0, of the predicted noise and of fresh noise in the next state (Song et al. 2021, eqs. 12 and 16), rounded as the reference looks them up. */
export function ddimWeights(step: Pick<DiffusionStep, 'alphaBar' | 'alphaBarPrev'>, eta: number): { readonly toX0: number; readonly toEps: number; readonly sigma: number } {
  const [alphaBar, alphaBarPrev] = [Math.fround(step.alphaBar), Math.fround(step.alphaBarPrev)];
  const sigma = eta * Math.sqrt((1 - alphaBarPrev) / (1 - alphaBar)) * Math.sqrt(1 - alphaBar / alphaBarPrev);
  return { toX0: Math.fround(Math.sqrt(alphaBarPrev)), toEps: Math.fround(Math.sqrt(Math.max(0, 1 - alphaBarPrev - sigma * sigma))), sigma };
}

/**
 * DDIM (Song et al. 2021, eq. 12 with the sigma of eq. 16) down the given steps. As in the reference, the direction towards x_t keeps the
 * network's raw noise although x0 was clipped.
 * @param steps from the most to the least noisy; each walks to its `alphaBarPrev`
 * @param eta 0 deterministic .. 1
 */
export async function* sampleDdim(denoise: Denoiser, xStart: Tensor, steps: Iterable<DiffusionStep>, { eta, noise, signal, first = 0 }: WalkOptions & { readonly eta: number }): AsyncGenerator<SamplerState> {
  let x = xStart;
  let order = first;
  for (const step of steps) {
    signal.throwIfAborted();
    const { eps } = await denoise(x, step.t);
    const predX0 = predictX0(x, eps, step.alphaBar);
    const { toX0, toEps, sigma } = ddimWeights(step, eta);
    const z = sigma > 0 && step.index !== 0 ? noise({ kind: 'step', t: step.t, order }, x.shape).data : undefined;
    const data = new Float32Array(x.data.length);
    for (let i = 0; i < data.length; i++) {
      const mean = Math.fround(toX0 * predX0.data[i]!) + Math.fround(toEps * eps.data[i]!);
      data[i] = z ? mean + sigma * z[i]! : mean;
    }
    const xPrev = { data, shape: x.shape };
    yield { order, t: step.t, alphaBar: step.alphaBar, xT: x, eps, predX0, xPrev };
    x = xPrev;
    order++;
  }
}
