import type { Denoiser, SamplerState, WalkOptions } from '../../kernel/diffusion/denoiser.ts';
import type { SamplerRecipe } from '../../kernel/diffusion/recipe.ts';
import { walk } from '../../kernel/diffusion/walk.ts';
import type { Tensor } from '../../kernel/tensor/tensor.ts';

/** A walk without a turn. @param x0 the backbone's estimate, (B, 3, H, W) in [-1, 1] */
export function restoreEstimate(denoise: Denoiser, x0: Tensor, recipe: SamplerRecipe, options: WalkOptions): AsyncGenerator<SamplerState> {
  return walk(denoise, recipe, [], { estimate: x0 }, { ...options, reseeded: () => options.noise });
}
