import { linearSchedule } from '../diffusion/schedule.ts';
import { checkRecipe } from '../diffusion/recipe.ts';
import { findModel, type InstalledModel } from '../weights/catalog.ts';
import { checkRequest, defaultSeed, methodOf, type Method, type RestoreRequest } from './request.ts';

/** What a request comes to, nothing left open: two plans that are equal give equal crops. */
export interface Plan {
  /** undefined for the identity: no network restores then. */
  readonly model: InstalledModel | undefined;
  readonly method: Method;
  readonly seed: number;
  readonly independentNoise: boolean;
}

/** @throws KernelFailure('usage') for options that are out of range or contradict each other, ('weights') for a model that is not there */
export async function planOf(request: RestoreRequest): Promise<Plan> {
  checkRequest(request);
  const model = request.model === 'identity' ? undefined : await findModel(request.model);
  const method: Method = model ? methodOf(request, model.description) : { kind: 'identity' };
  if (method.kind === 'diffusion') checkRecipe(method.recipe, linearSchedule(method.recipe.respacing));
  return { model, method, seed: request.seed ?? defaultSeed, independentNoise: request.independentNoise === true };
}
