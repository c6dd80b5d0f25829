import { parentOf, resolved, split } from '../../recipe/language/paths.ts';
import { quoted } from '../../recipe/language/quoting.ts';
import type { Surroundings } from '../../recipe/language/surroundings.ts';
import { fileValues, nameIn, type FileValue } from '../../recipe/names.ts';
import { nearest } from '../../recipe/nearest.ts';
import type { ParsedAction } from '../../recipe/parsed.ts';
import type { Diagnosis } from '../../recipe/problem.ts';
import { error, warning } from './diagnosis.ts';
import type { Before } from './expectedResults.ts';
import { couldBeMade, willBeFile, willBeFolder } from './madeFiles.ts';

/**
 * Whether the files that an action names by their paths are there.
 * @param before what runs before it: it may make some
 * @param flow the document is written between brackets
 */
export async function fileProblems(action: ParsedAction, before: Before, flow: boolean, around: Surroundings): Promise<readonly Diagnosis[]> {
  if (action.kind === undefined) return [];
  const named = fileValues(action.keys).filter(({ value }) => value !== '' && nameIn(value) === undefined);
  return (await Promise.all(named.map((file) => problemOf(file, action, before, flow, around)))).flat();
}

async function problemOf({ value: path, at }: FileValue, { kind, keys }: ParsedAction, before: Before, flow: boolean, around: Surroundings): Promise<readonly Diagnosis[]> {
  const absolute = resolved(path, around);
  if (absolute === undefined) return [];
  const entry = await around.entry(absolute);
  const about = keys.some(({ name, value }) => name === 'restore' && value.start <= at.start && at.end <= value.end);
  const folders = kind === 'restore' && about;
  if (!entry) {
    if ((before.unclear && couldBeMade(path, folders)) || await willBeFile(absolute, before.actions, around) || (folders && await willBeFolder(absolute, before.actions, around))) return [];
    const [folder, name] = split(path);
    const near = nearest(name, (await around.files(parentOf(absolute))).filter((other) => other.kind !== 'other').map((one) => one.name));
    const meant = near === undefined ? undefined : folder + near;
    return [error('file', `${path} does not exist${meant !== undefined ? `; '${meant}' is meant perhaps` : name.includes('*') ? '; patterns are not known here: name the files, or their folder' : ''}`, at, { fixes: meant === undefined ? [] : [{ title: `Change '${path}' to '${meant}'`, at, text: quoted(meant, flow) }] })];
  }
  if (entry.kind === 'folder' && !folders) return [error('file', `${path} is a folder; a picture or a clip is expected`, at)];
  if (entry.bytes === 0) return [error('file', `${path} is empty`, at)];
  if (entry.kind === 'folder') return [];
  const header = await around.media(absolute);
  if (typeof header === 'string') return [error('file', header, at)];
  return entry.kind === 'other' && !header ? [warning('file', `${path} is neither a picture nor a clip, by its name`, at)] : [];
}
