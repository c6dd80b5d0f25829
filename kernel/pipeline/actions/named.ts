import { stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { KernelFailure } from '../../failure.ts';
import { nameIn } from '../../recipe/names.ts';
import type { LinkedFile, NamedResult } from '../../recipe/outcome.ts';
import { restorePart, type RestoreRequest } from '../../recipe/restoreOptions.ts';
import { kindOf } from '../collectFiles.ts';
import { namedModels } from '../plan.ts';
import type { ActionJob } from './actionJob.ts';

/** A file that an action is about. */
export interface ActionFile {
  /** Absolute. */
  readonly path: string;
  /** What it was made of, where an earlier action restored it. */
  readonly restored?: NonNullable<NamedResult['restored']>;
}

/** What the values of an action are told by. */
export type Place = Pick<ActionJob, 'folder' | 'names'>;

/**
 * The file that a value means: a path relative to the document, or the `$name` of a result. Of several results with one name the latest counts.
 * @throws KernelFailure('usage') when nothing has that name yet
 */
export function fileOf(value: string, { folder, names }: Place): ActionFile {
  const name = nameIn(value);
  if (name === undefined) return { path: resolve(folder, value) };
  const found = names.findLast((one) => one.name === name);
  if (!found) throw new KernelFailure('usage', `nothing is named $${name} yet: run the action that says 'as: ${name}' first`);
  return found;
}

/** A walk without files stands for what it walked in: there is nothing to compare that with. */
export function originalOf({ path, restored }: ActionFile): ActionFile | undefined {
  return restored && restored.from !== path ? { path: restored.from } : undefined;
}

/**
 * Whether a file is a picture or a clip.
 * @throws KernelFailure('input') when it is not there, or a folder
 */
export async function mediaKind({ path }: ActionFile): Promise<'picture' | 'clip'> {
  const found = await stat(path).catch((error: unknown) => {
    throw new KernelFailure('input', `${path} does not exist or cannot be read; check the path`, { cause: error });
  });
  if (found.isDirectory()) throw new KernelFailure('input', `${path} is a folder; name one picture or clip`);
  return kindOf(path) ?? 'picture';
}

/** The folder that an action names for what it writes, made absolute. */
export function resultFolder({ output }: { readonly output?: string }, { folder }: Pick<Place, 'folder'>): string | undefined {
  return output === undefined ? undefined : resolve(folder, output);
}

/** The options of a restoration among an action's keys, with paths made absolute. */
export function requestOf(value: Readonly<Record<string, unknown>>, { folder }: Pick<Place, 'folder'>): RestoreRequest {
  const request = restorePart(value);
  const { model } = request;
  const output = resultFolder(request, { folder });
  return {
    ...request,
    ...(model === undefined || namedModels.includes(model) ? {} : { model: resolve(folder, model) }),
    ...(output === undefined ? {} : { output }),
  };
}

/** A path as the document would say it. */
export function relativePath(path: string, { folder }: Pick<Place, 'folder'>): string {
  const way = relative(folder, path);
  return isAbsolute(way) ? path : way.split(sep).join('/');
}

export function linked(title: string, path: string, job: Pick<Place, 'folder'>): LinkedFile {
  return { title, path: relativePath(path, job) };
}
