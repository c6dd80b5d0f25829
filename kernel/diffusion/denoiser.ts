import type { Tensor } from '../tensor/tensor.ts';
import type { NoiseSource } from './noise.ts';

/**
 * Predicts the noise in x_t, (B, C, H, W), at timestep t of the original chain (0..999; may be fractional).
 * `variance` is the learned interpolation value v of Nichol and Dhariwal 2021 (eq. 15), where the network has it.
 */
export type Denoiser = (x: Tensor, t: number) => Promise<{ readonly eps: Tensor; readonly variance?: Tensor }>;

/** A state of the walk. */
export interface SamplerState {
  /** Counts the steps of the whole walk from 0. */
  readonly order: number;
  /** Timestep the network was asked with. */
  readonly t: number;
  /** alphaBar of x_t. */
  readonly alphaBar: number;
  /** What the network saw. */
  readonly xT: Tensor;
  readonly eps: Tensor;
  /** The clean face predicted from it, in [-1, 1]. */
  readonly predX0: Tensor;
  /** Standard deviation of the noise that was added, where it differs from pixel to pixel: of DDPM's steps that draw. */
  readonly sigma?: Tensor;
  /** What the walk goes on with; after the last step the result. */
  readonly xPrev: Tensor;
}

export interface WalkOptions {
  readonly noise: NoiseSource;
  /** Order of the first of these steps in the whole walk; 0 where absent. */
  readonly first?: number;
  /** Looked at between steps. */
  readonly signal: AbortSignal;
}

/**
 * The clean picture that the predicted noise implies, clipped to [-1, 1] (Ho et al. 2020, eq. 15):
 * sqrt(1/alphaBar) x_t - sqrt(1/alphaBar - 1) eps. Factors are rounded to float32, as the reference looks them up.
 */
export function predictX0(xT: Tensor, eps: Tensor, alphaBar: number): Tensor {
  const a = Math.fround(Math.sqrt(1 / alphaBar));
  const b = Math.fround(Math.sqrt(1 / alphaBar - 1));
  const data = new Float32Array(xT.data.length);
  for (let i = 0; i < data.length; i++) data[i] = Math.min(1, Math.max(-1, Math.fround(a * xT.data[i]!) - Math.fround(b * eps.data[i]!)));
  return { data, shape: xT.shape };
}
