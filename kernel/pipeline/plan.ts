import { join } from 'node:path';
import type { Turn } from '../diffusion/walk.ts';
import type { Numbers } from '../inference/device.ts';
import { loadableModel, type InstalledModel } from '../weights/catalog.ts';
import type { DetectorName } from '../weights/detectorNames.ts';
import { chosenDetector, detectorFile } from '../weights/detectors.ts';
import { kindOf } from './collectFiles.ts';
import { fileIdentity } from './fileIdentity.ts';
import { pastingOf, type Pasting } from './pasting.ts';
import { checkRequest, plannedMethod, type Method } from './request.ts';
import { defaultSeed, type RestoreRequest } from '../recipe/restoreOptions.ts';

/** Models that are called by a name; all others are folders. */
export const namedModels: readonly string[] = ['sample', 'difface', 'identity'];

/** What a request comes to, but for where it is computed; but for `pasting`, all of it matters to a crop. */
export interface RequestedPlan {
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
  readonly pasting: Pasting;
}

/** What a request comes to, nothing left open: two plans that are equal give equal crops. */
export interface Plan extends RequestedPlan {
  /** What the networks compute in: results of different providers or precisions differ in their last bits, and are not mixed. */
  readonly numbers: Numbers;
  /** Of devices that failed in the middle of this work: what they had done is used all the same. */
  readonly earlier: readonly Numbers[];
}

/** The turns a face takes. @param track number of the face, counted from 0 */
export function turnsOf({ branches }: Plan, track: number): readonly Turn[] {
  return branches.find(({ face }) => face === track + 1)?.turns ?? [];
}

/** With independent noise every frame of a clip has a seed of its own. @param frame counted from 0 */
export function frameSeed({ seed, independentNoise }: Pick<RequestedPlan, 'seed' | 'independentNoise'>, frame: number): number {
  return independentNoise ? (seed + 7919 * (frame + 1)) % 2 ** 32 : seed;
}

/** The plan by which the faces of one frame of a clip walk, its seed being all that is special about it; a picture's is that of the file. @param frame counted from 0 */
export function planInFrame<P extends RequestedPlan>(plan: P, path: string, frame: number): P {
  return kindOf(path) === 'clip' ? { ...plan, seed: frameSeed(plan, frame), independentNoise: false } : plan;
}

/** Names the model, its weights as they are now, and the numbers it computes in. */
export async function modelIdentity(plan: Plan): Promise<unknown> {
  return plan.model ? [await weightsIdentity(plan), plan.numbers] : 'identity';
}

/** Names the model and its weights as they are now. */
export async function weightsIdentity({ model }: RequestedPlan): Promise<unknown> {
  if (!model) return 'identity';
  const { description, folder } = model;
  return [description, ...await Promise.all([description.backbone.file, description.denoiser.file].map((file) => fileIdentity(join(folder, file))))];
}

/** Names a detector and its weights as they are now. */
export async function detectorIdentity(detector: DetectorName): Promise<unknown> {
  return detector === 'builtin' ? detector : [detector, await fileIdentity(detectorFile(detector === 'auto' ? 'retinaface' : detector))];
}

/** @throws OptionFailure('usage') for options that are out of range or contradict each other, ('weights') for a model or a detector that is not there */
export async function planOf(request: RestoreRequest): Promise<RequestedPlan> {
  checkRequest(request);
  const model = request.model === 'identity' ? undefined : await loadableModel(request.model);
  const method = plannedMethod(request, model?.description);
  const { branches = [], blend } = request;
  return {
    model, method, detector: request.aligned === true ? 'builtin' : chosenDetector(request.detector), seed: request.seed ?? defaultSeed, independentNoise: request.independentNoise === true, branches, blend: blend === 'none' ? undefined : blend,
    pasting: pastingOf(request, model?.description),
  };
}
