import { basename, dirname, extname, join } from 'node:path';
import { linearSchedule } from '../diffusion/schedule.ts';
import { checkRecipe } from '../diffusion/recipe.ts';
import { KernelFailure } from '../failure.ts';
import { codecFamily } from '../media/encode.ts';
import { findModel } from '../weights/catalog.ts';
import { collectFiles, type FoundFile } from './collectFiles.ts';
import { Engine } from './engine.ts';
import type { FileResult, RestoreProgress } from './progress.ts';
import { defaultSeed, methodOf, type Method, type RestoreRequest } from './request.ts';
import { restoreAligned, restoreImage, type FileJob } from './restoreImage.ts';
import { restoreVideo } from './restoreVideo.ts';

export interface RestoreFilesOptions {
  readonly device: string;
  readonly threads?: number;
  readonly signal: AbortSignal;
  readonly onStart?: (path: string) => void;
  readonly onProgress?: (progress: RestoreProgress) => void;
  /** What concerns the run as a whole. */
  readonly onNote?: (note: string) => void;
  readonly onResult?: (result: FileResult) => void;
}

/**
 * Restores files and folders, one file after the other. A file that fails does not end the run; a cancellation does.
 * @throws KernelFailure('usage', 'weights', 'device', 'input') before anything is restored, ('cancelled') in between
 */
export async function restoreFiles(paths: readonly string[], request: RestoreRequest, options: RestoreFilesOptions): Promise<readonly FileResult[]> {
  const { files, skipped } = await collectFiles(paths);
  if (request.codec !== undefined) codecFamily(request.codec);
  const identity = request.model === 'identity';
  const model = identity ? undefined : await findModel(request.model);
  const method: Method = model ? methodOf(request, model.description) : { kind: 'identity' };
  if (method.kind === 'diffusion') checkRecipe(method.recipe, linearSchedule(method.recipe.respacing));
  const results: FileResult[] = [];
  const report = (result: FileResult): void => {
    results.push(result);
    options.onResult?.(result);
  };
  for (const { path, why } of skipped) report({ status: 'skipped', input: path, why });
  if (files.length === 0) return results;
  const engine = await Engine.start(model, options.device, options.threads);
  try {
    if (model?.description.notice !== undefined) options.onNote?.(model.description.notice);
    for (const file of files) {
      options.signal.throwIfAborted();
      options.onStart?.(file.path);
      report(await restoreFile(file, request, method, engine, options));
    }
  } finally {
    engine.dispose();
  }
  return results;
}

async function restoreFile(file: FoundFile, request: RestoreRequest, method: Method, engine: Engine, { signal, onProgress }: RestoreFilesOptions): Promise<FileResult> {
  const folder = request.output === undefined ? dirname(file.path) : join(request.output, file.subfolder);
  const job: FileJob = {
    input: file.path, outputStem: join(folder, `${basename(file.path, extname(file.path))}.restored`), engine, method, signal,
    seed: request.seed ?? defaultSeed, faces: request.faces ?? 'all', trajectory: request.trajectory === true,
    onProgress: (progress) => onProgress?.(progress),
  };
  try {
    if (file.kind === 'clip') {
      if (request.aligned === true) return { status: 'skipped', input: file.path, why: 'a clip is no aligned face; leave --aligned away' };
      return await restoreVideo({ ...job, independentNoise: request.independentNoise === true, ...(request.codec === undefined ? {} : { codec: request.codec }) });
    }
    return await (request.aligned === true ? restoreAligned(job) : restoreImage(job));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof KernelFailure && error.kind !== 'weights' && error.kind !== 'checkpoint') return { status: 'failed', input: file.path, kind: error.kind, message: error.message };
    throw error;
  }
}
