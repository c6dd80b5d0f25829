import { copyFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { KernelFailure, unreadable } from '../failure.ts';
import { chooseDevice } from '../inference/executionProviders.ts';
import { writeWhole } from '../media/atomicFile.ts';
import { parseRecipe } from '../recipe/parse.ts';
import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import { summaryOf } from '../recipe/summary.ts';
import { kindOf } from './collectFiles.ts';
import type { Engine } from './engine.ts';
import { EnginePool } from './enginePool.ts';
import { errorInKeys } from './inKeys.ts';
import { resultSums } from './lockfile.ts';
import { lockfileIn, type Lockfile } from './lockNames.ts';
import { namedModels, planOf, type Plan } from './plan.ts';
import type { OnProgress } from './progress.ts';
import { differencesOfDevice, differencesOfFiles, differencesOfResults, differencesOfVersions, differencesOfWeights, type Difference } from './replayDifferences.ts';
import { restoreAligned } from './restoreAligned.ts';
import { restoreImage, type FileJob } from './restoreImage.ts';
import { restoreVideo } from './restoreVideo.ts';
import { deviceOf } from './surroundings.ts';
import { usedWeights } from './usedWeights.ts';

export interface ReplayOptions {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  /** Told of what can be said before anything is computed, and of the rest at the end. */
  readonly onDifference?: (difference: Difference) => void;
  /** Folder in which the new result stays; it is removed where absent. */
  readonly keep?: string;
  /** The networks give way to everything else on the machine. */
  readonly background?: boolean;
}

/** What must be as it was for a replay to be faithful; other versions and another device may give the same bits. */
const decisive: readonly Difference['what'][] = ['options', 'input', 'weights', 'result'];

/** What making a result again came to. */
export interface Replayed {
  readonly lockfile: string;
  /** Path of the result it speaks of. */
  readonly result: string;
  /** What was made now is what was made then, bit for bit. */
  readonly identical: boolean;
  /** It is identical, and the options and the files are what they were. */
  readonly faithful: boolean;
  readonly differences: readonly Difference[];
  readonly seconds: number;
  /** Where the new result is, if it was to stay. */
  readonly kept?: string;
}

/**
 * Restores again what a lockfile speaks of, and compares. Everything is computed anew by networks that are loaded for it: nothing that was kept serves.
 * @throws KernelFailure('input') when the lockfile or the input is missing or is none, ('weights') for weights that are not installed, ('cancelled')
 */
export async function replay(path: string, options: ReplayOptions): Promise<Replayed> {
  try {
    return await makeAgain(path, options);
  } catch (error) {
    throw errorInKeys(error);
  }
}

async function makeAgain(path: string, options: ReplayOptions): Promise<Replayed> {
  const began = performance.now();
  const lockfile = await loadLockfile(resolve(path));
  const { locked } = lockfile;
  const folder = dirname(lockfile.path);
  const input = resolve(folder, locked.input.file);
  await requireInput(input, lockfile.path);
  const request = replayedRequest(lockfile);
  const asked = await planOf(request);
  const differences: Difference[] = [];
  const say = (found: readonly Difference[]): void => {
    for (const difference of found) options.onDifference?.(difference);
    differences.push(...found);
  };
  const [files, weights, versions, chosen] = await Promise.all([
    differencesOfFiles(lockfile, options.signal), usedWeights(asked, request.aligned === true), differencesOfVersions(locked), availableDevice(lockfile),
  ]);
  say([...files, ...differencesOfWeights(weights, locked.weights), ...versions]);
  const { threads, batch } = locked.device;
  const pool = new EnginePool({ afresh: true, background: options.background === true, ...(threads === undefined ? {} : { threads }), ...(batch === undefined ? {} : { batch }) });
  const temporary = await mkdtemp(join(tmpdir(), 'difface-replay-'));
  try {
    const engine = await pool.engine({ model: asked.model, device: chosen.device, precision: chosen.precision });
    say(differencesOfDevice(await deviceOf(engine), locked.device, chosen.reason));
    const made = await restoreAgain(lockfile, { input, temporary, request, engine, plan: { ...asked, numbers: engine.numbers, earlier: [] } }, options);
    const sums = await resultSums(made, kindOf(input) ?? 'picture', options.signal);
    const outcome = differencesOfResults(sums, locked.result);
    say(outcome);
    const kept = options.keep === undefined ? undefined : await writeWhole(join(resolve(options.keep), basename(locked.result.file)), (copy) => copyFile(made, copy));
    return {
      lockfile: lockfile.path, result: resolve(folder, locked.result.file), identical: outcome.length === 0,
      faithful: outcome.length === 0 && !differences.some(({ what }) => decisive.includes(what)), differences, seconds: (performance.now() - began) / 1000, ...(kept === undefined ? {} : { kept }),
    };
  } finally {
    pool.dispose();
    await rm(temporary, { recursive: true, force: true });
  }
}

interface Again {
  readonly input: string;
  readonly temporary: string;
  readonly request: RestoreRequest;
  readonly engine: Engine;
  readonly plan: Plan;
}

/** @returns path of what was made */
async function restoreAgain({ path, locked }: Lockfile, { input, temporary, request, engine, plan }: Again, { signal, onProgress }: ReplayOptions): Promise<string> {
  const extension = extname(locked.result.file);
  const job: FileJob = {
    input, outputStem: join(temporary, basename(locked.result.file, extension)), extension, engine, plan, signal, onProgress,
    faces: request.faces ?? 'all', strength: request.strength ?? 1, trajectory: false, keepCrops: false, asExported: locked.way === 'exported',
  };
  const parts = new Map(locked.faces.flatMap(({ number, restored }) => (restored ? [[number - 1, restored] as const] : [])));
  const only = (track: number, frame: number): boolean => parts.get(track)?.some(([first, last]) => frame + 1 >= first && frame + 1 <= last) ?? true;
  const result = kindOf(input) === 'clip' ? await restoreVideo({ ...job, only, ...(request.codec === undefined ? {} : { codec: request.codec }) })
    : request.aligned === true ? await restoreAligned(job) : await restoreImage(job);
  if (result.status === 'restored') return result.output;
  throw new KernelFailure('input', `no face is found in ${input} any more, of which ${path} says that there were ${locked.faces.length}`);
}

/** @throws KernelFailure('input') for what is no lockfile */
async function loadLockfile(path: string): Promise<Lockfile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const lockfile = lockfileIn(path, text);
  const [problem] = lockfile || !/^\s*locked:/m.test(text) ? [] : summaryOf(parseRecipe(text)).problems;
  if (problem) throw new KernelFailure('input', `${path}:${problem.line + 1}:${problem.column + 1}: ${problem.message}`);
  if (!lockfile) throw new KernelFailure('input', `${path} does not say how a result was made: one restoration with 'locked' in it is expected, as it is written beside every result`);
  return lockfile;
}

async function requireInput(input: string, lockfile: string): Promise<void> {
  if ((await stat(input).catch(() => undefined))?.isFile() === true) return;
  throw new KernelFailure('input', `${input} is not there, which ${lockfile} names as the input; put it back, or name it where it is now: both behind 'restore' and behind 'file' of 'input' under 'locked'`);
}

/** Models that are folders are named from where the lockfile lies. */
function replayedRequest({ path, options }: Lockfile): RestoreRequest {
  const { model } = options;
  return model === undefined || namedModels.includes(model) ? options : { ...options, model: resolve(dirname(path), model) };
}

/** The device of the lockfile; where it is not to be had, what is, and why. */
async function availableDevice({ locked: { device: { name, precision } } }: Lockfile): Promise<{ readonly device: string; readonly precision: 'auto' | 'float32' | 'float16'; readonly reason?: string }> {
  const wish = precision === 'float16' ? 'float16' : 'float32';
  try {
    await chooseDevice(name, wish);
    return { device: name, precision: wish };
  } catch (error) {
    if (!(error instanceof KernelFailure)) throw error;
    return { device: 'auto', precision: 'auto', reason: error.message };
  }
}
