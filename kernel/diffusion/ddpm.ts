import { predictX0, type Denoiser, type SamplerState, type WalkOptions } from './denoiser.ts';
import type { DiffusionStep } from './schedule.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * Ancestral sampling of DDPM: x_{t-1} ~ N(posterior mean, variance) (Ho et al. 2020, eq. 7). The variance is the network's, interpolated between the
 * posterior's and beta in the logarithm (Nichol and Dhariwal 2021, eq. 15); the posterior's where the network has none.
 */
export async function* sampleDdpm(denoise: Denoiser, xStart: Tensor, steps: Iterable<DiffusionStep>, { noise, signal, first = 0 }: WalkOptions): AsyncGenerator<SamplerState> {
  let x = xStart;
  let order = first;
  for (const step of steps) {
    signal.throwIfAborted();
    const { eps, variance } = await denoise(x, step.t);
    const predX0 = predictX0(x, eps, step.alphaBar);
    const low = Math.fround(step.posteriorLogVarianceClipped);
    const high = Math.fround(Math.log(step.beta));
    const weightX0 = Math.fround(step.posteriorMeanX0);
    const weightXt = Math.fround(step.posteriorMeanXt);
    const z = step.index === 0 ? undefined : noise({ kind: 'step', t: step.t, order }, x.shape).data;
    const data = new Float32Array(x.data.length);
    const sigma = z && new Float32Array(x.data.length);
    for (let i = 0; i < data.length; i++) {
      const mean = Math.fround(weightX0 * predX0.data[i]!) + Math.fround(weightXt * x.data[i]!);
      if (!z || !sigma) {
        data[i] = mean;
        continue;
      }
      const share = variance ? (variance.data[i]! + 1) / 2 : 0;
      const deviation = Math.exp(0.5 * (share * high + (1 - share) * low));
      sigma[i] = deviation;
      data[i] = mean + deviation * z[i]!;
    }
    const xPrev = { data, shape: x.shape };
    yield { order, t: step.t, alphaBar: step.alphaBar, xT: x, eps, predX0, ...(sigma ? { sigma: { data: sigma, shape: x.shape } } : {}), xPrev };
    x = xPrev;
    order++;
  }
}
