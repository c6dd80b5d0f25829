import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { KernelFailure, messageOf } from '../failure.ts';
import { discard, sizeOf } from './download.ts';
import { underLock, type FileWork } from './fileWork.ts';
import { forgetRecord, partOf, pathOf, stateOf } from './installed.ts';
import type { OfficialFile } from './officialFiles.ts';

export interface Removed {
  /** That were given back. */
  readonly bytes: number;
  /** Of the file that was there, where it was known. */
  readonly sha256: string | undefined;
}

/**
 * Removes a file, what was begun of it, and what is remembered; waits for whoever works on it.
 * @throws KernelFailure('weights') when the disk refuses, ('cancelled')
 */
export async function removeFile(file: OfficialFile, work: FileWork): Promise<Removed> {
  const { folder } = work;
  const [path, part] = [pathOf(file, folder), partOf(file, folder)];
  if (!existsSync(folder)) return { bytes: 0, sha256: undefined };
  return underLock(file, work, async () => {
    const state = await stateOf(file, folder);
    const bytes = await sizeOf(path) + await sizeOf(part);
    try {
      await forgetRecord(file, folder);                                 // first: without its file it would speak of the next one
      await rm(path, { force: true });
      await discard(part);
    } catch (error) {
      throw new KernelFailure('weights', `${path} cannot be removed: ${messageOf(error)}`, { cause: error });
    }
    return { bytes, sha256: state.kind === 'present' ? state.record?.sha256 : undefined };
  });
}
