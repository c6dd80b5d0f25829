import type { Surroundings } from '../../recipe/language/surroundings.ts';
import { nameReferences } from '../../recipe/names.ts';
import type { ParsedAction } from '../../recipe/parsed.ts';
import type { Diagnosis, Span } from '../../recipe/problem.ts';
import { error } from './diagnosis.ts';
import type { ExpectedResult } from './expectedResults.ts';

/** Whether the `$name`s of an action stand for what it can use. */
export async function nameProblems({ kind, keys }: ParsedAction, results: readonly ExpectedResult[], around: Surroundings): Promise<readonly Diagnosis[]> {
  if (kind === undefined) return [];
  const found = await Promise.all(nameReferences(keys).map(async ({ name, at }) => {
    const result = results.findLast((one) => one.name === name);
    return result && await problemOf(result, kind, at, around);
  }));
  return found.filter((one) => one !== undefined);
}

async function problemOf({ name, path, restored, made, folder }: ExpectedResult, kind: NonNullable<ParsedAction['kind']>, at: Span, around: Surroundings): Promise<Diagnosis | undefined> {
  const walking = kind === 'trajectory' || kind === 'compare';
  const used = walking && restored ? restored.from : path;
  const entry = made ? await around.entry(used) : undefined;
  if (made && !entry) return error('name', `$${name} ${used === path ? `is ${path}` : `was made of ${used}`}, which is not there any more; run the action that makes it again`, at);
  return kind !== 'restore' && (folder === true || entry?.kind === 'folder') ? error('name', `$${name} is a folder${folder === true ? " of states, since its action says 'formats'" : ''}; a picture or a clip is expected`, at) : undefined;
}
