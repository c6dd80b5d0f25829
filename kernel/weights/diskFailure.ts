import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KernelFailure, messageOf } from '../failure.ts';
import { inMegabytes } from './megabytes.ts';
import { failureOf, forWeights } from './purpose.ts';

/** A refusal of the disk as a failure a person can act on; undefined for other errors. @param kept what remains for another attempt */
export function diskFailure(path: string, error: unknown, purpose = forWeights, kept = ''): KernelFailure | undefined {
  if (error instanceof KernelFailure) return undefined;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const { elsewhere } = purpose;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return failureOf(purpose, `${path} cannot be written: the disk is full; make room and try again, or ${elsewhere}${kept}`, error);
    case 'EFBIG':
      return failureOf(purpose, `${path} cannot be written: the file system takes no file of this size; ${elsewhere}`, error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EBUSY':
    case 'ENOTDIR':
    case 'EEXIST':
    case 'ENOENT':
    case 'EISDIR':
    case 'EIO':
      return failureOf(purpose, `${path} cannot be written (${messageOf(error)}); see to its folder, or ${elsewhere}`, error);
    default:
      return undefined;
  }
}

/** Room that is left free on the disk beside what is written. */
const margin = 16e6;

/**
 * Asks the disk before hours of transfer go into it.
 * @param bytes that are going to be written beside `path`
 * @throws KernelFailure when they do not fit
 */
export async function requireRoom(path: string, bytes: number, purpose = forWeights): Promise<void> {
  const found = await statfs(dirname(path)).catch(() => undefined);
  if (!found || found.blocks === 0) return;                             // a file system that does not tell: writing will
  const free = found.bavail * found.bsize;
  if (free < bytes + Math.min(margin, bytes / 10)) {
    throw failureOf(purpose, `${path} does not fit: it needs ${inMegabytes(bytes)}, and the disk is full but for ${inMegabytes(free)}; make room and try again, or ${purpose.elsewhere}`);
  }
}
