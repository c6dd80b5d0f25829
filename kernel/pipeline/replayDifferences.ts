import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileSum } from '../media/sums.ts';
import type { Locked } from '../recipe/locked.ts';
import { kindOf } from './collectFiles.ts';
import { changedByHand, type ChangedPart } from './lockfile.ts';
import type { Lockfile } from './lockNames.ts';
import { versionsFor } from './surroundings.ts';
import type { UsedWeights } from './usedWeights.ts';

/** Something that is not what it was when a result was made. */
export interface Difference {
  /** `lockfile`: it says something else than what was written; `missing`: the result is not there any more; `compression`: the pixels are the same, the bytes of the file are not. */
  readonly what: 'options' | 'lockfile' | 'input' | 'weights' | 'versions' | 'device' | 'result' | 'missing' | 'compression' | 'pixels';
  /** A sentence for a person, without a full stop. */
  readonly message: string;
}

const changedWords: Readonly<Record<ChangedPart, (lockfile: Lockfile, name: string) => string>> = {
  options: (_, name) => `the options in ${name} were changed by hand since it was written`,
  device: ({ action, locked }, name) => `${name} was edited by hand since it was written: ${action.device === undefined ? "its 'device' is gone" : `it names the device '${action.device}'`}, and the result was made on '${locked.device.name}'`,
  locked: (_, name) => `${name} was edited by hand since it was written: what stands under 'locked' does not have the sum that 'seal' says`,
  seal: (_, name) => `${name} was edited by hand since it was written: the 'seal' is gone from 'locked', and nothing tells whether the rest was changed`,
};

/** What can be said of the document, the input and the result before anything is computed. */
export async function differencesOfFiles(lockfile: Lockfile, signal: AbortSignal): Promise<readonly Difference[]> {
  const { path, action, locked } = lockfile;
  const folder = dirname(path);
  const result = resolve(folder, locked.result.file);
  const [input, there] = await Promise.all([fileSum(resolve(folder, locked.input.file), signal), existsSync(result) ? fileSum(result, signal) : undefined]);
  return [
    ...changedByHand(lockfile).map((part) => ({ what: part === 'options' ? part : 'lockfile', message: changedWords[part](lockfile, basename(path)) } as const)),
    ...(action.restore === locked.input.file ? [] : [{ what: 'lockfile', message: `'restore' in ${basename(path)} names ${String(action.restore)}, and what is made again is the result of ${locked.input.file}` } as const]),
    ...(input === locked.input.sha256 ? [] : [{ what: 'input', message: `the input ${locked.input.file} is not what was restored: its SHA-256 is ${input}, and it was ${locked.input.sha256}` } as const]),
    ...(there === undefined ? [{ what: 'missing', message: `the result ${locked.result.file} is not there any more` } as const]
      : there === locked.result.sha256 ? [] : [{ what: 'result', message: `the file ${locked.result.file} is not what was made: its SHA-256 is ${there}, and it was ${locked.result.sha256}` } as const]),
  ];
}

export function differencesOfWeights(now: readonly UsedWeights[], then: Locked['weights']): readonly Difference[] {
  const differing = then.flatMap(({ name, sha256 }) => {
    const found = now.find((one) => one.name === name);
    if (found?.sha256 === sha256) return [];
    return [found ? `the weights ${name} are others: their SHA-256 is ${found.sha256}, and it was ${sha256}` : `the weights ${name} are not used any more`];
  });
  const added = now.filter(({ name }) => !then.some((one) => one.name === name)).map(({ name }) => `the weights ${name} are used, and were not then`);
  return [...differing, ...added].map((message) => ({ what: 'weights', message }));
}

export async function differencesOfVersions({ input, versions }: Locked): Promise<readonly Difference[]> {
  const now = await versionsFor(kindOf(input.file) ?? 'picture');
  const names = [...new Set([...Object.keys(versions), ...Object.keys(now)])];
  return names.filter((name) => versions[name] !== now[name]).map((name) => ({ what: 'versions', message: `${name} is ${now[name] ?? 'not there'}, and was ${versions[name] ?? 'not there'}` }));
}

const deviceWords = { name: 'device', precision: 'precision', card: 'hardware', threads: 'number of threads', cores: 'number of processor cores', batch: 'number of faces computed at once' } as const;

/** @param reason why another device is used, where one is */
export function differencesOfDevice(now: Locked['device'], then: Locked['device'], reason?: string): readonly Difference[] {
  const changed = (Object.keys(deviceWords) as (keyof typeof deviceWords)[]).filter((name) => now[name] !== then[name])
    .map((name) => `the ${deviceWords[name]} is ${now[name] ?? 'not said'}, and was ${then[name] ?? 'not said'}`);
  const mixed = then.earlier === undefined ? [] : [`some of its faces were made on ${then.earlier.join(' and ')}, which failed then, and the others on ${then.name}: one device alone cannot make it again bit for bit`];
  return [...(reason === undefined ? [] : [`the device '${then.name}' is not to be had here: ${reason}`]), ...changed, ...mixed].map((message) => ({ what: 'device', message }));
}

/** What was made now against what was made then. */
export function differencesOfResults(now: { readonly sha256: string; readonly pixels: string }, then: Locked['result']): readonly Difference[] {
  if (now.sha256 === then.sha256) return [];
  if (now.pixels === then.pixels) return [{ what: 'compression', message: 'the pixels are the same, bit for bit; the bytes of the file differ: it is compressed in another way, or describes itself otherwise' }];
  return [{ what: 'pixels', message: `the pixels differ: their SHA-256 is ${now.pixels}, and it was ${then.pixels}` }];
}
