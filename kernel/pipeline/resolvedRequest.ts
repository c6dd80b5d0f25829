import type { SamplerRecipe } from '../diffusion/recipe.ts';
import type { RequestedPlan } from './plan.ts';
import type { Numbers } from '../inference/device.ts';
import type { FaceChoice, RestoreRequest } from '../recipe/restoreOptions.ts';

/** What the plan does not say of a request. */
export interface Resolving {
  readonly request: RestoreRequest;
  readonly plan: RequestedPlan;
  readonly numbers: Numbers;
  readonly faces: FaceChoice;
  /** Of a clip. */
  readonly codec?: string | undefined;
}

/** The request with every option said that decides the result, so that no default matters any more. Where it goes is not among them. */
export function resolvedRequest({ request, plan, numbers, faces, codec }: Resolving): RestoreRequest {
  const { pasting } = plan;
  const aligned = request.aligned === true;
  return {
    model: plan.model ? (request.model ?? plan.model.description.name) : 'identity',
    ...methodOptions(plan),
    seed: plan.seed, precision: numbers.precision, matchColours: pasting.matchColours, strength: request.strength ?? 1,
    ...(aligned ? { aligned } : { detector: plan.detector, faces: eachOnce(faces), mask: pasting.mask, upscale: pasting.upscale, background: pasting.background }),
    trajectory: request.trajectory === true,
    ...(codec === undefined ? {} : { codec }),
  };
}

/** Numbers of faces in their order, each once: they choose the same faces however they are written. */
function eachOnce(faces: FaceChoice): FaceChoice {
  return typeof faces === 'object' ? [...new Set(faces)].sort((a, b) => a - b) : faces;
}

/** A sampler with all of its numbers, as options say it. */
export function samplerOptions(recipe: SamplerRecipe): RestoreRequest {
  return { sampler: recipe.kind, start: recipe.start, ...(recipe.kind === 'ddpm' ? {} : { steps: recipe.steps }), ...(recipe.kind === 'ddim' ? { eta: recipe.eta } : {}) };
}

function methodOptions({ method, independentNoise, branches, blend }: RequestedPlan): RestoreRequest {
  switch (method.kind) {
    case 'identity':
      return {};
    case 'backbone':
      return { backboneOnly: true };
    case 'diffusion':
      return { ...samplerOptions(method.recipe), independentNoise, branches, blend: blend ?? 'none' };
    default:
      return method satisfies never;
  }
}
