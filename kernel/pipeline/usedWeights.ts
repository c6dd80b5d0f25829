import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { contentHash } from '../inference/modelStore.ts';
import { cacheFolder, packageFolder } from '../packageFolder.ts';
import { detectorFile } from '../weights/detectors.ts';
import { officialNetworkFile } from '../weights/officialNetwork.ts';
import type { RequestedPlan } from './plan.ts';

/** A file that a network of a result is read from. */
export interface UsedWeights {
  readonly name: string;
  readonly sha256: string;
}

/**
 * Every file of weights that a plan needs, with its sum. What was summed up before is remembered for as long as size and time of change stay what they are.
 * @throws KernelFailure('weights') for one that is not installed, ('checkpoint') for one that cannot be read
 */
export async function usedWeights(plan: RequestedPlan, aligned: boolean): Promise<readonly UsedWeights[]> {
  const files = [...modelFiles(plan), ...(aligned ? [] : detectorFiles(plan)), ...networksBeside(plan)];
  return Promise.all(files.map(async ({ name, path }) => ({ name, sha256: await contentHash(path, cacheFolder()) })));
}

interface NamedFile {
  readonly name: string;
  readonly path: string;
}

/** The description of a model belongs to it: it says how its numbers are used. */
function modelFiles({ model, method }: RequestedPlan): readonly NamedFile[] {
  if (!model) return [];
  const { description: { backbone, denoiser }, folder } = model;
  const names = [backbone.file, ...(method.kind === 'diffusion' ? [denoiser.file] : []), 'model.json'];
  return names.map((name) => ({ name, path: join(folder, name) })).filter(({ name, path }) => name !== 'model.json' || existsSync(path));
}

function detectorFiles({ detector }: RequestedPlan): readonly NamedFile[] {
  const builtin = ['blazeface.onnx', 'facemesh.onnx'].map((name) => ({ name, path: join(packageFolder(), 'dist', 'models', name) }));
  if (detector === 'builtin') return builtin;
  const network = named(detectorFile(detector === 'auto' ? 'retinaface' : detector));
  return detector === 'auto' ? [network, ...builtin] : [network];
}

function networksBeside({ pasting: { mask, background } }: RequestedPlan): readonly NamedFile[] {
  return [...(mask === 'parsing' ? [named(officialNetworkFile('parsenet'))] : []), ...(background === 'realesrgan' ? [named(officialNetworkFile('realesrgan'))] : [])];
}

function named(path: string): NamedFile {
  return { name: basename(path), path };
}
