import { KernelFailure } from '../failure.ts';
import type { RestorationModel } from '../weights/model.ts';
import type { SamplerRecipe } from '../diffusion/recipe.ts';

/** What a person may ask of one restoration; what is left out takes the model's own default. All of it travels as JSON. */
export interface RestoreRequest {
  /** `sample`, `difface`, a folder with a model.json, or `identity` (faces found, cropped and pasted, not changed). */
  readonly model?: string;
  readonly sampler?: SamplerRecipe['kind'];
  /** Index into the respaced chain to which the estimate is diffused: 1 .. chain length - 1. */
  readonly start?: number;
  /** Network calls from the start to 0. */
  readonly steps?: number;
  /** Stochasticity of DDIM: 0 is deterministic, 1 as noisy as DDPM. */
  readonly eta?: number;
  /** 0 .. 2^32 - 1 */
  readonly seed?: number;
  /** Which faces: `all`, `largest`, or numbers counted from 1 in reading order (of a clip: in order of appearance). */
  readonly faces?: FaceChoice;
  /** The file is one aligned face crop: no detection, no pasting. */
  readonly aligned?: boolean;
  /** Every frame of a clip draws its own noise: the flicker this causes is what shared noise removes. For comparison only. */
  readonly independentNoise?: boolean;
  /** Stop after the backbone: its estimate is the result. */
  readonly backboneOnly?: boolean;
  /** Keep the states of the walk beside the result. */
  readonly trajectory?: boolean;
  /** 0 .. 1: how much of the restored face is blended in; 1 where absent. */
  readonly strength?: number;
  /** What stands between a result's name and its extension; `restored` where absent. */
  readonly suffix?: string;
  /** Folder for results; beside the originals where absent. */
  readonly output?: string;
  /** Video codec of a restored clip, as ffmpeg names its encoder family; the source's where absent. */
  readonly codec?: string;
}

export type FaceChoice = 'all' | 'largest' | readonly number[];

export const defaultSeed = 12345;
export const defaultSuffix = 'restored';

/** The backbone, the sampler and all their parameters, nothing left open. */
export type Method =
  | { readonly kind: 'identity' }
  | { readonly kind: 'backbone' }
  | { readonly kind: 'diffusion'; readonly recipe: SamplerRecipe };

/**
 * Completes a request with the model's defaults.
 * @throws KernelFailure('usage') when options contradict each other
 */
export function methodOf(request: RestoreRequest, model: RestorationModel): Method {
  if (request.backboneOnly === true) return { kind: 'backbone' };
  const kind = request.sampler ?? model.defaults.sampler;
  const start = request.start ?? model.defaults.start;
  const respacing = model.diffusion.timestepRespacing;
  if (kind !== 'ddim' && request.eta !== undefined) throw new KernelFailure('usage', `--eta belongs to the sampler ddim; ${kind} has none`);
  switch (kind) {
    case 'ddim': {
      const steps = request.steps ?? (model.defaults.sampler === 'ddim' && request.start === undefined ? model.defaults.steps : start);
      return { kind: 'diffusion', recipe: { kind, respacing, start, steps, eta: request.eta ?? model.defaults.eta } };
    }
    case 'ddpm':
      if (request.steps !== undefined && request.steps !== start) {
        throw new KernelFailure('usage', `the sampler ddpm takes one step for each index from --start ${start} down to 0; give a smaller --start instead of --steps ${request.steps}`);
      }
      return { kind: 'diffusion', recipe: { kind, respacing, start } };
    case 'dpm++':
      return { kind: 'diffusion', recipe: { kind, respacing, start, steps: request.steps ?? (model.defaults.sampler === 'dpm++' ? model.defaults.steps : 20) } };
    default:
      return kind satisfies never;
  }
}
