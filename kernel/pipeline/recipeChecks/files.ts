import { basename, dirname, relative, sep } from 'node:path';
import { parentOf, resolved, split } from '../../recipe/language/paths.ts';
import { quoted } from '../../recipe/language/quoting.ts';
import type { Surroundings } from '../../recipe/language/surroundings.ts';
import { fileValues, nameIn, type FileValue } from '../../recipe/names.ts';
import { nearest } from '../../recipe/nearest.ts';
import type { ParsedAction } from '../../recipe/parsed.ts';
import type { Diagnosis } from '../../recipe/problem.ts';
import { defaultSuffix } from '../../recipe/restoreOptions.ts';
import { error, texts, warning } from './diagnosis.ts';

/**
 * Whether the files that an action names by their paths are there.
 * @param earlier actions that run before it: they may make some
 * @param flow the document is written between brackets
 */
export async function filesOf(action: ParsedAction, earlier: readonly ParsedAction[], flow: boolean, around: Surroundings): Promise<readonly Diagnosis[]> {
  if (action.kind === undefined) return [];
  const named = fileValues(action.keys).filter(({ value }) => value !== '' && nameIn(value) === undefined);
  return (await Promise.all(named.map((file) => problemOf(file, action, earlier, flow, around)))).flat();
}

async function problemOf({ value: path, at }: FileValue, { kind, keys }: ParsedAction, earlier: readonly ParsedAction[], flow: boolean, around: Surroundings): Promise<readonly Diagnosis[]> {
  const absolute = resolved(path, around);
  if (absolute === undefined) return [];
  const entry = await around.entry(absolute);
  if (!entry) {
    if (isMade(absolute, earlier, around)) return [];
    const [folder, name] = split(path);
    const near = nearest(name, (await around.files(parentOf(absolute))).filter((other) => other.kind !== 'other').map((one) => one.name));
    const meant = near === undefined ? undefined : folder + near;
    return [error('file', `${path} does not exist${meant === undefined ? '' : `; '${meant}' is meant perhaps`}`, at, { fixes: meant === undefined ? [] : [{ title: `Change '${path}' to '${meant}'`, at, text: quoted(meant, flow) }] })];
  }
  const about = keys.some(({ name, value }) => name === 'restore' && value.start <= at.start && at.end <= value.end);
  if (entry.kind === 'folder' && !(kind === 'restore' && about)) return [error('file', `${path} is a folder; a picture or a clip is expected`, at)];
  if (entry.bytes === 0) return [error('file', `${path} is empty`, at)];
  return entry.kind === 'other' ? [warning('file', `${path} is neither a picture nor a clip, by its name`, at)] : [];
}

/** A file may be what an earlier action is going to make. */
function isMade(path: string, earlier: readonly ParsedAction[], around: Surroundings): boolean {
  if (earlier.length === 0 && around.names.every(({ result }) => result !== undefined)) return false;
  const name = basename(path);
  const suffixes = [defaultSuffix, ...earlier.flatMap(({ keys }) => texts(keys, 'suffix').map(({ value }) => value))];
  if (/\.(trajectory|npz|comparison)\b/.test(name) || suffixes.some((suffix) => name.includes(`.${suffix}`))) return true;
  return earlier.some(({ keys }) => texts(keys, 'output').some(({ value }) => {
    const folder = resolved(value, around);
    return folder !== undefined && isWithin(path, folder);
  }));
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && dirname(way) !== way);
}
