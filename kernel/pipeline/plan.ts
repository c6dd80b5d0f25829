import { join } from 'node:path';
import { plannedSteps, type Turn } from '../diffusion/walk.ts';
import { KernelFailure } from '../failure.ts';
import type { DetectorName } from '../weights/detectorNames.ts';
import { chosenDetector, detectorFile } from '../weights/detectors.ts';
import { findModel, type InstalledModel } from '../weights/catalog.ts';
import { fileIdentity } from './fileIdentity.ts';
import { checkRequest, defaultSeed, methodOf, type Method, type RestoreRequest } from './request.ts';

/** What a request comes to, nothing left open: two plans that are equal give equal crops. */
export interface Plan {
  /** undefined for the identity: no network restores then. */
  readonly model: InstalledModel | undefined;
  readonly method: Method;
  /** What finds the faces, and so says which number each has. */
  readonly detector: DetectorName;
  readonly seed: number;
  readonly independentNoise: boolean;
  /** Faces, counted from 1, whose walks take turns. */
  readonly branches: readonly { readonly face: number; readonly turns: readonly Turn[] }[];
  /** Where the estimate is blended in: the results of so many seeds deviate by more than `above` there. */
  readonly blend: { readonly seeds: number; readonly above: number } | undefined;
}

/** The turns a face takes. @param track number of the face, counted from 0 */
export function turnsOf({ branches }: Plan, track: number): readonly Turn[] {
  return branches.find(({ face }) => face === track + 1)?.turns ?? [];
}

/** Names the model and its weights as they are now. */
export async function modelIdentity({ model }: Plan): Promise<unknown> {
  if (!model) return 'identity';
  const { description, folder } = model;
  return [description, ...await Promise.all([description.backbone.file, description.denoiser.file].map((file) => fileIdentity(join(folder, file))))];
}

/** Names a detector and its weights as they are now. */
export async function detectorIdentity(detector: DetectorName): Promise<unknown> {
  return detector === 'builtin' ? detector : [detector, await fileIdentity(detectorFile(detector === 'auto' ? 'retinaface' : detector))];
}

/** @throws KernelFailure('usage') for options that are out of range or contradict each other, ('weights') for a model or a detector that is not there */
export async function planOf(request: RestoreRequest): Promise<Plan> {
  checkRequest(request);
  const model = request.model === 'identity' ? undefined : await findModel(request.model);
  const method: Method = model ? methodOf(request, model.description) : { kind: 'identity' };
  const { branches = [] } = request;
  const blend = request.blend === 'none' ? undefined : request.blend;
  if (method.kind === 'diffusion') for (const { turns } of [{ turns: [] }, ...branches]) plannedSteps(method.recipe, turns);
  else if (branches.length > 0 || blend) throw new KernelFailure('usage', 'branches and blends need a walk, and this method has none');
  return { model, method, detector: request.aligned === true ? 'builtin' : chosenDetector(request.detector), seed: request.seed ?? defaultSeed, independentNoise: request.independentNoise === true, branches, blend };
}
