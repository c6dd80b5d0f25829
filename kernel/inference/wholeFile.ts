import { randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { KernelFailure } from '../failure.ts';

/** Writes a file that appears under its name only when it is complete; an older one is replaced. */
export async function writeWholeFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await write(file);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** The same for bytes at hand. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await writeWholeFile(path, async (file) => { await file.writeFile(bytes); });
}

const causes: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space',
  EDQUOT: 'the disk quota is used up; free some space',
  EROFS: 'it is on a read-only file system; choose another cache folder',
  EACCES: 'writing is not permitted; choose another cache folder',
  EPERM: 'writing is not permitted, or another program holds the file; close it or choose another cache folder',
  ENOTDIR: 'part of its path is a file; choose another cache folder',
  EEXIST: 'part of its path is a file; choose another cache folder',
};

/**
 * Runs what writes into `folder`.
 * @throws KernelFailure('output') naming the folder and what to do where the file system refuses
 */
export async function reportingFullDisk<T>(folder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
    const cause = causes[code];
    if (cause === undefined) throw error;
    throw new KernelFailure('output', `The converted model cannot be written to ${folder}: ${cause}.`, { cause: error });
  }
}
