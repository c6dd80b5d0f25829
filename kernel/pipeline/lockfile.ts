import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { KernelFailure, messageOf } from '../failure.ts';
import { writeWhole } from '../media/atomicFile.ts';
import { clipPixelSum, fileSum, picturePixelSum } from '../media/sums.ts';
import type { Locked } from '../recipe/locked.ts';
import { defaultSuffix, type RestoreRequest } from '../recipe/restoreOptions.ts';
import { writeRestore } from '../recipe/write.ts';
import { kindOf } from './collectFiles.ts';
import type { Engine } from './engine.ts';
import { fileIdentity, type FileIdentity } from './fileIdentity.ts';
import { lockfilesOf, lockName, pathFrom, type Lockfile } from './lockNames.ts';
import { namedModels, type Plan } from './plan.ts';
import type { RestoredFace, RestoredFile } from './progress.ts';
import { resolvedRequest } from './resolvedRequest.ts';
import { deviceOf, versionsFor } from './surroundings.ts';
import { usedWeights, type UsedWeights } from './usedWeights.ts';

/** Raised whenever the same options would make another result. */
const version = 1;

/** A file that is read while it is restored: its sum, and what tells whether it stayed what it was. */
export interface WatchedInput {
  readonly sum: Promise<string>;
  readonly before: Promise<FileIdentity>;
}

/** Begins to sum a file up; whoever is not interested in the sum leaves it. */
export function watchInput(path: string, signal: AbortSignal): WatchedInput {
  const watched = { sum: fileSum(path, signal), before: fileIdentity(path) };
  for (const promise of Object.values(watched)) promise.catch(() => undefined);
  return watched;
}

/** What a result was made with. */
export interface Making {
  readonly request: RestoreRequest;
  readonly plan: Plan;
  readonly engine: Engine;
  readonly way: Locked['way'];
  readonly input: WatchedInput;
  readonly signal: AbortSignal;
  /** The result took the place of another of its name: so does the lockfile. */
  readonly replaces?: boolean;
}

/** What decides a result. */
export interface Deciding {
  readonly input: string;
  /** With the faces as they were asked for. */
  readonly request: RestoreRequest;
  readonly weights: readonly UsedWeights[];
  readonly versions: Locked['versions'];
  readonly device: Locked['device'];
  readonly way: Locked['way'];
}

/** A model is its weights and its description; the others say where a result goes. */
const undecided: readonly string[] = ['model', 'output', 'suffix'] satisfies readonly (keyof RestoreRequest)[];

/** Equal for results that are equal. */
export function keyOf({ input, request, weights, versions, device, way }: Deciding): string {
  const options = Object.entries(request).filter(([name]) => !undecided.includes(name));
  return sumOf([version, input, Object.fromEntries(options), weights, versions, device, way]);
}

/** Sum of the options of a recipe, whatever order they stand in. */
function optionsSum(options: RestoreRequest): string {
  return sumOf(options);
}

/** The key of a result that is asked for as its own lockfile says it: with the faces and the codec it came to, whatever was asked then. */
export function ownKeyOf({ options: request, locked: { input, weights, versions, device, way } }: Lockfile): string {
  return keyOf({ input: input.sha256, request, weights, versions, device, way });
}

/** Part of a lockfile that is not what was written. */
export type ChangedPart = 'options' | 'device' | 'locked' | 'seal';

/**
 * What was changed by hand in a lockfile since it was written: `options`, the `device` that they name, what stands under `locked`, its `seal` being gone. Files may have been moved:
 * their names, and the folder, may be others.
 */
export function changedByHand({ action, options, locked }: Lockfile): readonly ChangedPart[] {
  return [
    ...(optionsSum(options) === locked.recipe ? [] : ['options'] as const),
    ...(action.device === locked.device.name ? [] : ['device'] as const),   // of it no sum is needed: it is said twice
    ...(locked.seal === sealOf(locked) ? [] : [locked.seal === undefined ? 'seal' : 'locked'] as const),
  ];
}

function sealOf(locked: Locked): string {
  return sumOf({ ...locked, seal: undefined, input: locked.input.sha256, result: { ...locked.result, file: undefined } });
}

/**
 * Writes the recipe that makes a result again beside it, with the sums of all that is in it. The result stands whatever becomes of it.
 * @returns the result with the path of the recipe, or with a note why there is none
 */
export async function withLockfile(result: RestoredFile, making: Making): Promise<RestoredFile> {
  try {
    return { ...result, lockfile: await writeLockfile(result, making) };
  } catch (error) {
    if (making.signal.aborted || !(error instanceof Error)) throw error;
    return { ...result, notes: [...result.notes, `no recipe was written beside it (${messageOf(error)})`] };
  }
}

/** Sums of what a result consists of. */
export async function resultSums(path: string, kind: 'picture' | 'clip', signal: AbortSignal): Promise<{ readonly sha256: string; readonly pixels: string }> {
  const [sha256, pixels] = await Promise.all([fileSum(path, signal), kind === 'clip' ? clipPixelSum(path, signal) : picturePixelSum(path)]);
  return { sha256, pixels };
}

async function writeLockfile(result: RestoredFile, { request, plan, engine, way, input, signal, replaces = false }: Making): Promise<string> {
  const kind = kindOf(result.input) ?? 'picture';
  const [sums, weights, versions, device, sum, before, after] = await Promise.all([
    resultSums(result.output, kind, signal), usedWeights(plan, request.aligned === true), versionsFor(kind), deviceOf(engine), input.sum, input.before, fileIdentity(result.input),
  ]);
  if (JSON.stringify(before) !== JSON.stringify(after)) throw new KernelFailure('input', `${basename(result.input)} was changed meanwhile`);
  const folder = resolve(dirname(result.output));
  const resolving = { request, plan, numbers: engine.numbers };
  const model = request.model !== undefined && plan.model && !namedModels.includes(request.model) ? { model: pathFrom(folder, resolve(request.model)) } : {};
  const options: RestoreRequest = {
    ...resolvedRequest({ ...resolving, codec: result.clip?.codec, faces: result.faces.map(({ number }) => number) }), ...model,
    ...(resolve(dirname(result.input)) === folder ? {} : { output: '.' }), suffix: request.suffix ?? defaultSuffix,
  };
  const madeOn = { ...device, ...(result.earlierDevices ? { earlier: result.earlierDevices } : {}) };
  const unsealed: Locked = {
    date: new Date().toISOString(), recipe: optionsSum(options),
    key: keyOf({ input: sum, request: resolvedRequest({ ...resolving, codec: request.codec, faces: request.faces ?? 'all' }), weights, versions, device: madeOn, way }),
    input: { file: pathFrom(folder, resolve(result.input)), sha256: sum },
    result: { file: basename(result.output), ...sums },
    way, weights, versions, device: madeOn, seed: plan.seed, faces: result.faces.map((face) => lockedFace(face, kind)),
    figures: { seconds: Math.round(result.seconds * 1000) / 1000, ...(result.clip ? { frames: result.clip.frames } : {}) },
  };
  const locked: Locked = { ...unsealed, seal: sealOf(unsealed) };
  const text = writeRestore({ restore: locked.input.file, ...options, device: device.name, locked }, [
    `How ${printable(basename(result.output))} was made: a recipe with every option said, and the sums of all that went into it.`,
    "'difface replay' with the path of this file makes it again, and says whether it is the same bit for bit.",
  ]);
  if (replaces) for (const { path } of await lockfilesOf(result.output)) await rm(path, { force: true });
  return writeWhole(lockName(result.output), (temporary) => writeFile(temporary, text));
}

function lockedFace({ number, box: { x, y, width, height }, frames: { first, last }, restored }: RestoredFace, kind: 'picture' | 'clip'): Locked['faces'][number] {
  const box = [x, y, width, height].map((value) => Math.round(value * 100) / 100) as [number, number, number, number];
  if (kind === 'picture') return { number, box };
  return { number, box, frames: [first + 1, last + 1], ...(restored ? { restored: restored.map((part) => [part.first + 1, part.last + 1] as const) } : {}) };
}

/** A name may hold whatever a file system takes; a comment is one line. */
function printable(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
}

function sumOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, (_, one: unknown) => (typeof one === 'object' && one !== null && !Array.isArray(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one))).digest('hex');
}
