import type { Tensor } from '../tensor/tensor.ts';
import type { NoiseSource } from './noise.ts';
import type { DiffusionStep } from './schedule.ts';

/**
 * Diffuses the estimate to a step: x_N = sqrt(alphaBar_N) x0 + sqrt(1 - alphaBar_N) eps (Yue and Loy 2024, eq. 6; Ho et al. 2020, eq. 4).
 * The estimate's error shrinks by sqrt(alphaBar_N): the contraction the method is named after.
 * @param x0 (B, 3, H, W) in [-1, 1]
 */
export function diffuse(x0: Tensor, step: DiffusionStep, noise: NoiseSource): Tensor {
  const eps = noise({ kind: 'start', t: step.t }, x0.shape);
  const a = Math.fround(Math.sqrt(step.alphaBar));
  const b = Math.fround(Math.sqrt(1 - step.alphaBar));
  const data = new Float32Array(x0.data.length);
  for (let i = 0; i < data.length; i++) data[i] = Math.fround(a * x0.data[i]!) + Math.fround(b * eps.data[i]!);
  return { data, shape: x0.shape };
}
