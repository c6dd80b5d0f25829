import { dirname, resolve } from 'node:path';
import type { Surroundings } from './surroundings.ts';

/** Where a path of the document leads; undefined where that cannot be told. */
export function resolved(path: string, { folder }: Surroundings): string | undefined {
  if (path.includes('\0')) return undefined;
  return folder === undefined ? (resolve(path) === path ? path : undefined) : resolve(folder, path);
}

/** The part of a path up to its last separator, and the rest. */
export function split(path: string): readonly [folder: string, name: string] {
  const end = Math.max(path.lastIndexOf('/'), process.platform === 'win32' ? path.lastIndexOf('\\') : -1) + 1;
  return [path.slice(0, end), path.slice(end)];
}

export function parentOf(path: string): string {
  return dirname(path);
}
