import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ZodError } from 'zod';
import { KernelFailure, messageOf } from '../failure.ts';
import { packageFolder, weightsFolder } from '../packageFolder.ts';
import { requireIntact } from './installed.ts';
import { parseModel, type RestorationModel } from './model.ts';
import { difface } from './official.ts';

/** A model whose weight files are present in `folder`. */
export interface InstalledModel {
  readonly description: RestorationModel;
  readonly folder: string;
}

/** Both weight files of the official model are where they belong. */
export function officialModelInstalled(): boolean {
  return missingFiles(difface, weightsFolder()).length === 0;
}

/**
 * Finds a model: `sample` (ships with the product), `difface` (official weights, once installed), or a folder with a model.json.
 * Without a name: `difface` where it is installed, else `sample`.
 * @throws KernelFailure('weights') when it is unknown or its files are missing
 */
export async function findModel(name?: string): Promise<InstalledModel> {
  const wanted = name ?? (officialModelInstalled() ? 'difface' : 'sample');
  if (wanted === 'difface') return complete({ description: difface, folder: weightsFolder() });
  if (wanted === 'sample') return complete(await readModelFolder(join(packageFolder(), 'samples', 'model')));
  if (await isFolder(wanted)) return complete(await readModelFolder(resolve(wanted)));
  throw new KernelFailure('weights', `there is no model '${wanted}': the models are 'sample', 'difface' and any folder that holds a model.json with its weight files`);
}

/**
 * The same, its weights being what they were when they were installed.
 * @throws KernelFailure('weights') naming the damaged file and the repair, too
 */
export async function loadableModel(name?: string): Promise<InstalledModel> {
  const model = await findModel(name);
  const { backbone, denoiser } = model.description;
  await requireIntact(model.folder, [backbone.file, denoiser.file]);
  return model;
}

/** What trades a little quality for speed: DPM-Solver++(2M) from the same start. */
export interface FastMethod {
  readonly sampler: 'dpm++';
  readonly start: number;
  readonly steps: number;
}

/** A model as somebody who chooses one sees it. */
export interface SummarisedModel {
  readonly name: string;
  readonly title: string;
  readonly installed: boolean;
  readonly notice?: string;
  readonly defaults: RestorationModel['defaults'];
  readonly fast: FastMethod;
}

/** The models one can choose from by name, and whether they are there. */
export async function describedModels(): Promise<readonly { readonly description: RestorationModel; readonly installed: boolean }[]> {
  return [{ description: difface, installed: officialModelInstalled() }, { description: (await findModel('sample')).description, installed: true }];
}

/** The same for somebody who chooses. */
export async function modelSummaries(): Promise<readonly SummarisedModel[]> {
  return (await describedModels()).map(({ description, installed }) => summaryOf(description, installed));
}

/**
 * What `findModel` finds, under the name it was asked for.
 * @throws KernelFailure('weights') when it is unknown or its files are missing
 */
export async function modelSummary(name: string): Promise<SummarisedModel> {
  return { ...summaryOf((await findModel(name)).description, true), name };
}

function summaryOf({ name, title, notice, defaults }: RestorationModel, installed: boolean): SummarisedModel {
  return { name, title, installed, defaults, fast: { sampler: 'dpm++', start: defaults.start, steps: Math.min(20, Math.ceil(defaults.steps / 3)) }, ...(notice === undefined ? {} : { notice }) };
}

async function readModelFolder(folder: string): Promise<InstalledModel> {
  const path = join(folder, 'model.json');
  try {
    return { description: parseModel(JSON.parse(await readFile(path, 'utf8'))), folder };
  } catch (error) {
    const cause = error instanceof ZodError
      ? error.issues.map((issue) => `${issue.path.join('.') || 'the document'}: ${issue.message}`).join('; ')
      : messageOf(error);
    throw new KernelFailure('weights', `${path} does not describe a model (${cause})`, { cause: error });
  }
}

function complete(model: InstalledModel): InstalledModel {
  const missing = missingFiles(model.description, model.folder);
  if (missing.length === 0) return model;
  const [names, are, them] = [missing.join(' and '), missing.length === 1 ? 'is' : 'are', missing.length === 1 ? 'it' : 'them'];
  throw new KernelFailure('weights', model.description === difface
    ? `the weights of the model 'difface' are not installed: ${names} ${are} missing in ${model.folder}; 'difface weights install difface' installs them`
    : `the model in ${model.folder} lacks weights: ${names} ${are} not there, as its model.json names ${them}; put ${them} back`);
}

function missingFiles(description: RestorationModel, folder: string): readonly string[] {
  return [description.backbone.file, description.denoiser.file].filter((file) => !existsSync(join(folder, file)));
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
