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
  const first = found ? '' : ', or make a folder of that name first';
  throw new KernelFailure('usage', `--output names a folder, and ${output} ${found ? 'is' : 'looks like'} a file; give a folder: the result takes its name from the original, with --suffix in it${first}`);
}
