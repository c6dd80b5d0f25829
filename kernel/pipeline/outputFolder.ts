import { stat } from 'node:fs/promises';
import { KernelFailure } from '../failure.ts';
import { kindOf } from './collectFiles.ts';

/**
 * Where results go is a folder: a name that is a file's, or looks like one, was meant otherwise.
 * @throws KernelFailure('usage') saying what to give instead
 */
export async function checkOutputFolder(output: string | undefined): Promise<void> {
  if (output === undefined) return;
  const found = await stat(output).catch(() => undefined);
  if (found ? found.isDirectory() : kindOf(output) === undefined) return;
  throw new KernelFailure('usage', `--output names a folder, and ${noFolderWords(output, found !== undefined)}`);
}

/** @param there a file of that name exists; without it the name alone is a file's */
export function noFolderWords(output: string, there: boolean): string {
  return `${output} ${there ? 'is' : 'looks like'} a file; give a folder: the result takes its name from the original, with --suffix in it${there ? '' : ', or make a folder of that name first'}`;
}
