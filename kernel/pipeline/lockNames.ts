import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import type { Locked } from '../recipe/locked.ts';
import { longest, parseRecipe } from '../recipe/parse.ts';
import type { RestoreAction } from '../recipe/actions.ts';
import { restorePart, type RestoreRequest } from '../recipe/restoreOptions.ts';

/** Of recipes, those beside results included. */
export const recipeExtension = '.difface';

/** Of lockfiles whose names come into question, so many are looked at. */
const mostCandidates = 100;

/** A lockfile that was read. */
export interface Lockfile {
  readonly path: string;
  readonly action: RestoreAction;
  readonly locked: Locked;
  readonly options: RestoreRequest;
}

/** The lockfile of a result bears its name. */
export function lockName(result: string): string {
  return join(dirname(result), basename(result, extname(result)) + recipeExtension);
}

/** A path as a document in `folder` says it: relative, with slashes, and no name of a result. */
export function pathFrom(folder: string, path: string): string {
  const found = relative(folder, path).split(sep).join('/');
  return found === '' ? '.' : found.startsWith('$') ? `./${found}` : found;
}

/** @returns undefined for what cannot be read, or is no recipe of one restoration that was done */
export async function readLockfile(path: string): Promise<Lockfile | undefined> {
  const text = await stat(path).then(({ size }) => (size <= 4 * longest ? readFile(path, 'utf8') : undefined)).catch(() => undefined);
  return text === undefined ? undefined : lockfileIn(path, text);
}

export function lockfileIn(path: string, text: string): Lockfile | undefined {
  const { actions, problems } = parseRecipe(text);
  const action = actions[0]?.action;
  if (actions.length !== 1 || problems.length > 0 || action?.kind !== 'restore' || typeof action.value.restore !== 'string' || !action.value.locked) return undefined;
  return { path, action: action.value, locked: action.value.locked, options: restorePart(action.value) };
}

/** The lockfiles that speak of a result, the likeliest first. @param sum of the result's bytes, where it is known: what speaks of these bytes comes first */
export async function lockfilesOf(result: string, sum?: string): Promise<readonly Lockfile[]> {
  const speaking = (await lockfilesNear(result)).filter(({ locked }) => locked.result.file === basename(result));
  return sum === undefined ? speaking : [...speaking].sort((a, b) => Number(b.locked.result.sha256 === sum) - Number(a.locked.result.sha256 === sum));
}

/** The lockfiles of a result's name, and of the numbered names that are taken where another result has that. */
export async function lockfilesNear(result: string): Promise<readonly Lockfile[]> {
  const folder = dirname(result);
  const own = basename(lockName(result), recipeExtension);
  const stem = own.replace(/-\d+$/, '');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(recipeExtension) && (name === own + recipeExtension || name.startsWith(stem))).sort((a, b) => Number(b === own + recipeExtension) - Number(a === own + recipeExtension));
  const found = await Promise.all(names.slice(0, mostCandidates).map((name) => readLockfile(join(folder, name))));
  return found.filter((lockfile) => lockfile !== undefined);
}
