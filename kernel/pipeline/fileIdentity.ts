import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { unreadable } from '../failure.ts';

/**
 * A file as it was when it was looked at: what is kept of it is worthless once it has changed. Two files never have the same one, and one file has the same by whatever
 * path it is reached. The time of the last change to the inode is part of it, since the time of modification can be set by anybody (`cp -p`, archives).
 */
export interface FileIdentity {
  readonly path: string;
  readonly size: number;
  readonly modified: number;
  readonly changed: number;
  readonly inode: number;
}

/** @throws KernelFailure('input') when it is gone */
export async function fileIdentity(path: string): Promise<FileIdentity> {
  try {
    const place = await realpath(path);
    const { size, mtimeMs, ctimeMs, ino } = await stat(place);
    return { path: place, size, modified: mtimeMs, changed: ctimeMs, inode: ino };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** A short name for a plain value: equal values have equal names. */
export function nameOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24);
}
