import { rename, rm, writeFile } from 'node:fs/promises';
import { temporaryBeside } from '../temporaries.ts';
import { diskFailure } from './diskFailure.ts';

/**
 * Writes what is remembered of a weight file, whole or not at all; the earlier version gives way.
 * @param shown what a person is told when it cannot be written
 * @throws KernelFailure('weights') when the disk refuses
 */
export async function writeSmallFile(path: string, text: string, shown = path): Promise<void> {
  const part = temporaryBeside(path);
  try {
    await writeFile(part, text);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw diskFailure(shown, error) ?? error;
  }
}
