import { parentOf, resolved } from '../../recipe/language/paths.ts';
import type { Surroundings } from '../../recipe/language/surroundings.ts';
import { fileValues, nameIn } from '../../recipe/names.ts';
import type { ParsedAction } from '../../recipe/parsed.ts';
import type { Diagnosis } from '../../recipe/problem.ts';
import { kindOf } from '../collectFiles.ts';
import { inKeys } from '../inKeys.ts';
import { noFolderWords } from '../outputFolder.ts';
import { error, texts, type Text } from './diagnosis.ts';

/** Whether what an action writes can be written where it says, or beside its originals. */
export async function outputProblems(action: ParsedAction, around: Surroundings): Promise<readonly Diagnosis[]> {
  const said = texts(action.keys, 'output');
  if (said.length > 0) return (await Promise.all(said.map((folder) => problemOf(folder, around)))).flat();
  if (!writesBeside(action)) return [];
  const originals = fileValues(action.keys.filter(({ name }) => name === action.kind)).filter(({ value }) => nameIn(value) === undefined);
  return (await Promise.all(originals.map(async ({ value, at }) => {
    const path = resolved(value, around);
    const entry = path === undefined ? undefined : await around.entry(path);
    const folder = path === undefined || !entry ? undefined : entry.kind === 'folder' ? entry : await around.entry(parentOf(path));
    return folder?.readOnly === true ? [error('file', `nothing can be written beside ${value}: its folder does not allow it; name another with 'output'`, at)] : [];
  }))).flat();
}

function writesBeside({ action }: ParsedAction): boolean {
  return action?.kind === 'restore' || (action?.kind === 'trajectory' && (action.value.formats ?? []).length > 0);
}

/** The folder is made where it is not there: what counts is the nearest above it that is. */
async function problemOf({ value, at }: Text, around: Surroundings): Promise<readonly Diagnosis[]> {
  const folder = resolved(value, around);
  if (folder === undefined) return [];
  let path = folder;
  let entry = await around.entry(path);
  if (entry ? entry.kind !== 'folder' : kindOf(path) !== undefined) return [error('file', `'output': ${inKeys(noFolderWords(value, entry !== undefined))}`, at)];
  while (!entry && parentOf(path) !== path) {
    path = parentOf(path);
    entry = await around.entry(path);
  }
  if (!entry) return [];
  const above = path === folder ? '' : `: ${path}`;
  if (entry.kind !== 'folder') return [error('file', `${value} cannot be a folder for results${above} is a file; name another folder`, at)];
  return entry.readOnly === true ? [error('file', `nothing can be written into ${value}${above} does not allow it; name another folder`, at)] : [];
}
