import { rename } from 'node:fs/promises';
import { KernelFailure } from '../failure.ts';
import { diskFailure } from './diskFailure.ts';
import { discard } from './download.ts';
import type { Examined } from './examine.ts';
import { withLock } from './fileLock.ts';
import { folderInTheWay, forgetRecord, lockOf, partOf, pathOf, writeRecord, type InstallRecord } from './installed.ts';
import type { OfficialFile } from './officialFiles.ts';
import type { OnWeightsProgress } from './progress.ts';

/** Where and how installing, importing and removing work on a file. */
export interface FileWork {
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnWeightsProgress;
}

/** One process at a time works on a file. @throws KernelFailure('weights') where a folder has its name, or that of a file beside it; whatever `work` throws */
export async function underLock<T>(file: OfficialFile, { folder, signal, onProgress }: FileWork, work: () => Promise<T>): Promise<T> {
  const inTheWay = await folderInTheWay(file, folder);
  if (inTheWay) throw inTheWay;
  try {
    return await withLock(lockOf(file, folder), signal, () => { onProgress({ stage: 'waiting', file: file.file }); }, work);
  } catch (error) {
    if (signal.aborted && !(error instanceof KernelFailure)) throw new KernelFailure('cancelled', `the work on ${file.file} was cancelled`, { cause: error });
    throw error;
  }
}

export function checking({ file }: OfficialFile, { signal, onProgress }: Pick<FileWork, 'signal' | 'onProgress'>): { readonly signal: AbortSignal; readonly onProgress: (done: number, total: number) => void } {
  return { signal, onProgress: (done, total) => { onProgress({ stage: 'checking', file, done, total }); } };
}

/**
 * Gives a whole and checked file its name, and remembers what it is; what was begun of it is of no use any more. The record of the file before goes first: whoever finds the new file without
 * one, because this process was killed between two of these steps, looks at it afresh.
 * @param source address or path it came from
 * @throws KernelFailure('weights') when the disk refuses
 */
export async function publish(written: string, file: OfficialFile, folder: string, examined: Examined, source: string): Promise<InstallRecord> {
  const path = pathOf(file, folder);
  try {
    await forgetRecord(file, folder);
    await rename(written, path);
  } catch (error) {
    throw diskFailure(path, error) ?? error;
  }
  await discard(partOf(file, folder));
  return writeRecord(file, folder, examined, source);
}
