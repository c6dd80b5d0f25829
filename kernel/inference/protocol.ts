import type { FailureKind } from '../failure.ts';
import type { NoiseKey } from '../diffusion/noise.ts';
import type { SamplerRecipe } from '../diffusion/recipe.ts';
import type { Turn, WalkPoint } from '../diffusion/walk.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Provider } from './device.ts';

/** A batch of aligned crops to restore. */
export interface RestoreJob {
  /** (B, 3, H, W) in [0, 1] */
  readonly crops: Tensor;
  readonly method: { readonly kind: 'backbone' } | { readonly kind: 'diffusion'; readonly recipe: SamplerRecipe; readonly turns: readonly Turn[] };
  /** One key for each crop, or draws recorded elsewhere (draws, B, 3, H, W). */
  readonly noise: { readonly kind: 'counter'; readonly keys: readonly NoiseKey[] } | { readonly kind: 'recorded'; readonly draws: Tensor };
  /** Orders of the states that are sent back. */
  readonly kept: readonly number[] | 'none' | 'all';
  /** What is known of the walk already: the backbone's estimate, (B, 3, H, W) in [0, 1], and a state to go on from. */
  readonly known?: { readonly estimate: Tensor; readonly point?: WalkPoint };
}

/** All images (B, 3, H, W). */
export interface RestoreOutcome {
  /** In [0, 1]. */
  readonly restored: Tensor;
  /** In [0, 1]. */
  readonly estimate: Tensor;
  /** What the walk ends in, in the sampler's range; the estimate where there was no walk. */
  readonly x0: Tensor;
}

/** A kept state of the walk; tensors as the sampler has them, in [-1, 1] for images. */
export interface KeptState {
  readonly order: number;
  readonly t: number;
  readonly alphaBar: number;
  readonly xT: Tensor;
  readonly predX0: Tensor;
  readonly eps: Tensor;
  /** What a DDPM step multiplied its noise by; of other steps it is one number, which is known. */
  readonly sigma?: Tensor;
}

/** The name under which a network is loaded for batches of a size. */
export function networkName(network: 'backbone' | 'denoiser', batch: number): string {
  return batch === 1 ? network : `${network}@${batch}`;
}

/** From the kernel to the child. Every one but `cancel` is answered with `done` or `failed`. */
export type ToChild =
  | { readonly kind: 'load'; readonly id: number; readonly name: string; readonly path: string; readonly provider: Provider; readonly index: number; readonly threads?: number }
  | { readonly kind: 'infer'; readonly id: number; readonly name: string; readonly feeds: Readonly<Record<string, Tensor>> }
  | { readonly kind: 'restore'; readonly id: number; readonly job: RestoreJob }
  | { readonly kind: 'cancel'; readonly id: number };

export type FromChild =
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: FailureKind | 'bug' | 'memory'; readonly message: string }
  | { readonly kind: 'step'; readonly id: number; readonly step: number; readonly steps: number }
  | { readonly kind: 'state'; readonly id: number; readonly state: KeptState };
