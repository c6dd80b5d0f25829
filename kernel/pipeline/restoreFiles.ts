import { extname } from 'node:path';
import { KernelFailure, messageOf, OptionFailure } from '../failure.ts';
import { checkName, checkWritable } from '../media/atomicFile.ts';
import { codecFamily } from '../media/encoders.ts';
import { collectFiles, type FoundFile } from './collectFiles.ts';
import { earlierResult, type OwnResult } from './earlierResult.ts';
import type { Engine } from './engine.ts';
import { EnginePool, type DeviceFailure } from './enginePool.ts';
import { refuseCodec } from './fileRefusals.ts';
import { watchInput, withLockfile, type WatchedInput } from './lockfile.ts';
import { checkOutputFolder } from './outputFolder.ts';
import { planOf, type Plan, type RequestedPlan } from './plan.ts';
import type { FileResult, RestoreProgress } from './progress.ts';
import { checkRequest } from './request.ts';
import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import { RestorationStore } from './restorationStore.ts';
import { restoreAligned } from './restoreAligned.ts';
import { restoreImage, type FileJob } from './restoreImage.ts';
import { restoreVideo } from './restoreVideo.ts';
import { resultStem } from './resultStem.ts';

export interface RestoreFilesOptions {
  readonly device: string;
  readonly threads?: number;
  /** Most faces computed at once; by the device's memory where absent. */
  readonly batch?: number;
  /** Asked whether work goes on on another device; nobody agrees where absent. */
  readonly onDeviceFailure?: (failure: DeviceFailure) => Promise<boolean>;
  readonly signal: AbortSignal;
  readonly onStart?: (path: string) => void;
  readonly onProgress?: (progress: RestoreProgress) => void;
  /** Whether the recipe that makes a result again is written beside it; it is where absent. */
  readonly lockfile?: boolean;
  /** Networks that stay loaded after the run; without them the run has its own. */
  readonly engines?: EnginePool;
  /** Results that are there already, made in exactly this way and unchanged, are not made again. */
  readonly reuse?: boolean;
  /** Of a lockfile that runs again: the result it speaks of is looked at too, whatever its name. */
  readonly own?: OwnResult | undefined;
  /** What concerns the run as a whole. */
  readonly onNote?: (note: string) => void;
  readonly onResult?: (result: FileResult) => void;
}

/**
 * Restores files and folders, one file after the other. A file that fails does not end the run; a cancellation does.
 * @throws KernelFailure('usage', 'weights', 'device', 'input') before anything is restored, ('cancelled') in between
 */
export async function restoreFiles(paths: readonly string[], request: RestoreRequest, options: RestoreFilesOptions): Promise<readonly FileResult[]> {
  checkRequest(request);
  await checkOutputFolder(request.output);
  const { files, skipped, empty } = await collectFiles(paths, request.suffix);
  if (request.codec !== undefined) codecFamily(request.codec);
  if (files.every(({ path }) => paths.includes(path))) refuseCodec(files, request.codec);
  const plan = await planOf(request);
  const results: FileResult[] = [];
  const report = (result: FileResult): void => {
    results.push(result);
    options.onResult?.(result);
  };
  for (const { path, why } of skipped) report({ status: 'skipped', input: path, why });
  for (const folder of empty) options.onNote?.(`nothing to restore in ${folder}`);
  if (files.length === 0) return results;
  const { threads, batch, onDeviceFailure } = options;
  const pool = options.engines ?? new EnginePool({ ...(threads === undefined ? {} : { threads }), ...(batch === undefined ? {} : { batch }), ...(onDeviceFailure ? { onDeviceFailure } : {}) });
  try {
    await pool.engine({ model: plan.model, device: options.device, precision: request.precision });
    if (plan.model?.description.notice !== undefined) options.onNote?.(plan.model.description.notice);
    for (const file of files) {
      options.signal.throwIfAborted();
      options.onStart?.(file.path);
      report(await restoreFile(file, request, plan, pool, options));
    }
  } finally {
    if (!options.engines) {
      pool.dispose();
      await RestorationStore.trim(cacheBytes()).catch(() => undefined);   // the editor's kernel trims by its own settings
    }
  }
  return results;
}

/** What restored crops may take on disk after a run: `DIFFACE_CACHE_BYTES`, or 4 GB. */
export function cacheBytes(): number {
  const wish = Number(process.env['DIFFACE_CACHE_BYTES'] ?? '');
  return wish > 0 ? wish : 4e9;
}

async function restoreFile(file: FoundFile, request: RestoreRequest, plan: RequestedPlan, pool: EnginePool, options: RestoreFilesOptions): Promise<FileResult> {
  const { signal, device } = options;
  const before = pool.fallbacks.length;
  const input = options.lockfile === false ? undefined : watchInput(file.path, signal);
  try {
    const result = await pool.use({ model: plan.model, device, precision: request.precision }, async (engine, numbers) => {
      const made = await restoreOn(engine, file, request, { ...plan, ...numbers }, input, options);
      if (made.status !== 'restored' || made.lockfile !== undefined || !input) return made;
      return withLockfile(made, { request, plan: { ...plan, ...numbers }, engine, way: 'restored', input, signal });
    });
    return result.status === 'restored' ? { ...result, notes: [...result.notes, ...pool.fallbacks.slice(before)] } : result;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof KernelFailure && (error.kind === 'weights' || error.kind === 'checkpoint')) throw error;
    return failed(file.path, error);
  }
}

async function restoreOn(engine: Engine, file: FoundFile, request: RestoreRequest, plan: Plan, input: WatchedInput | undefined, { signal, onProgress, engines, reuse, own }: RestoreFilesOptions): Promise<FileResult> {
  const job: FileJob = {
    input: file.path, outputStem: resultStem(file.path, request, file.subfolder), engine, plan, signal,
    faces: request.faces ?? 'all', strength: request.strength ?? 1, trajectory: request.trajectory === true, keepCrops: engines !== undefined,
    onProgress: (progress) => onProgress?.(progress),
  };
  const before = reuse === true ? await earlierResult(job.input, request, { stem: job.outputStem, plan, engine, signal, input: input?.sum, own }) : undefined;
  if (before) return before;
  await checkName(job.outputStem + extname(file.path) + (job.trajectory ? '.trajectory' : ''));
  await checkWritable(job.outputStem);
  if (file.kind === 'clip') {
    if (request.aligned === true) return { status: 'skipped', input: file.path, why: 'a clip is no aligned face; leave --aligned away' };
    return restoreVideo({ ...job, ...(request.codec === undefined ? {} : { codec: request.codec }) });
  }
  return request.aligned === true ? restoreAligned(job) : restoreImage(job);
}

/** A file that fails names itself, whoever noticed; a bug that one odd file brings to light does not keep the others from being restored. */
function failed(input: string, error: unknown): FileResult {
  const option = error instanceof OptionFailure ? { option: error.option } : {};
  if (error instanceof KernelFailure) return { status: 'failed', input, kind: error.kind, message: error.message.includes(input) ? error.message : `${input}: ${error.message}`, ...option };
  const stack = error instanceof Error ? error.stack : undefined;
  return { status: 'failed', input, kind: 'unforeseen', message: `${input}: an unforeseen error, ${messageOf(error)}; please report it with this text`, ...(stack === undefined ? {} : { stack }) };
}
