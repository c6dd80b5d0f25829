import type { SamplerRecipe } from '../diffusion/recipe.ts';
import { plannedSteps } from '../diffusion/walk.ts';
import { OptionFailure } from '../failure.ts';
import { flagOf } from '../recipe/commandLineFlag.ts';
import { contradictions, contradictionWords } from '../recipe/contradictions.ts';
import { restoreRequest, type RestoreRequest } from '../recipe/restoreOptions.ts';
import type { RestorationModel } from '../weights/model.ts';

/**
 * Checks a request from outside: types do not hold across processes.
 * @throws OptionFailure('usage') naming the options that are out of range or contradict each other, as the command line calls them
 */
export function checkRequest(request: RestoreRequest): void {
  const { error } = restoreRequest.safeParse(request);
  if (error) {
    const [issue] = error.issues;
    const [option] = issue?.code === 'unrecognized_keys' ? issue.keys : (issue?.path ?? []);
    throw new OptionFailure('usage', String(option), issue?.code === 'unrecognized_keys' ? `there is no option '${String(option)}'` : `the option '${String(option)}' is out of range: ${issue?.message ?? ''}`);
  }
  const [contradiction] = contradictions(request);
  if (contradiction) throw new OptionFailure('usage', contradiction.keys[0]!, `${contradictionWords(contradiction, flagOf)}; leave one of them away`);
}

/** The backbone, the sampler and all their parameters, nothing left open. */
export type Method =
  | { readonly kind: 'identity' }
  | { readonly kind: 'backbone' }
  | { readonly kind: 'diffusion'; readonly recipe: SamplerRecipe };

/** What of a model decides how it walks. */
export type WalkingModel = Pick<RestorationModel, 'defaults' | 'diffusion'>;

/**
 * Completes a request with the model's defaults.
 * @throws OptionFailure('usage') when options contradict each other
 */
export function methodOf(request: RestoreRequest, model: WalkingModel): Method {
  if (request.backboneOnly === true) return { kind: 'backbone' };
  const kind = request.sampler ?? model.defaults.sampler;
  const start = request.start ?? model.defaults.start;
  const respacing = model.diffusion.timestepRespacing;
  if (kind !== 'ddim' && request.eta !== undefined) throw new OptionFailure('usage', 'eta', `--eta belongs to the sampler ddim; ${kind} has none`);   // the model's own, perhaps
  switch (kind) {
    case 'ddim': {
      const steps = request.steps ?? (model.defaults.sampler === 'ddim' && request.start === undefined ? model.defaults.steps : start);
      return { kind: 'diffusion', recipe: { kind, respacing, start, steps, eta: request.eta ?? model.defaults.eta } };
    }
    case 'ddpm':
      if (request.steps !== undefined && request.steps !== start) {
        throw new OptionFailure('usage', 'steps', `the sampler ddpm takes one step for each index from --start ${start} down to 0; give a smaller --start instead of --steps ${request.steps}`);
      }
      return { kind: 'diffusion', recipe: { kind, respacing, start } };
    case 'dpm++':
      return { kind: 'diffusion', recipe: { kind, respacing, start, steps: request.steps ?? (model.defaults.sampler === 'dpm++' ? model.defaults.steps : 20) } };
    default:
      return kind satisfies never;
  }
}

/**
 * The same, all of whose walks fit the model's chain.
 * @param model undefined for the identity
 * @throws OptionFailure('usage') for a start, steps or branches that do not, and for what needs a walk where there is none
 */
export function plannedMethod(request: RestoreRequest, model: WalkingModel | undefined): Method {
  const method: Method = model ? methodOf(request, model) : { kind: 'identity' };
  const { branches = [], blend = 'none' } = request;
  if (method.kind === 'diffusion') for (const { turns } of [{ turns: [] }, ...branches]) plannedSteps(method.recipe, turns);
  else if (branches.length > 0 || blend !== 'none') throw new OptionFailure('usage', branches.length > 0 ? 'branches' : 'blend', 'branches and blends need a walk, and this method has none');
  return method;
}

/** How a method walks. @throws OptionFailure('usage') where it does not */
export function walkOf(method: Method): SamplerRecipe {
  if (method.kind !== 'diffusion') throw new OptionFailure('usage', method.kind === 'backbone' ? 'backboneOnly' : 'model', 'there is no walk to look into: this method stops before the diffusion');
  return method.recipe;
}
