import { statSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KernelFailure, messageOf } from '../failure.ts';
import { inMegabytes } from './megabytes.ts';
import { forWeights } from './purpose.ts';

/** The disk refuses: other files would fare no better. */
class DiskFailure extends KernelFailure {}

/** Whether a failure is about one weight file, and others may be worked on all the same. */
export function concernsOneFile(error: unknown): error is KernelFailure {
  return error instanceof KernelFailure && !(error instanceof DiskFailure) && (error.kind === 'weights' || error.kind === 'checkpoint' || error.kind === 'input');
}

/** A refusal of the disk as a failure a person can act on; undefined for other errors. @param kept what remains for another attempt */
export function diskFailure(path: string, error: unknown, purpose = forWeights, kept = ''): KernelFailure | undefined {
  const refusal = refusalOf(path, error);
  if (!refusal) return undefined;
  return new DiskFailure(purpose.kind, `${path} cannot be written: ${refusal.why}; ${refusal.mend === undefined ? '' : `${refusal.mend}, or `}${purpose.elsewhere}${refusal.full ? kept : ''}`, { cause: error });
}

/** Why the disk refuses to write at a path, in words, and what helps on the spot; undefined for errors of other kinds. */
export function refusalOf(path: string, error: unknown): { readonly why: string; readonly mend?: string; readonly full: boolean } | undefined {
  if (error instanceof KernelFailure) return undefined;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const folder = dirname(path);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return { why: 'the disk is full', mend: 'make room and try again', full: true };
    case 'EFBIG':
      return { why: 'the file system takes no file of this size', full: false };
    case 'EROFS':
      return { why: `${folder} lies on a disk that can only be read`, full: false };
    case 'EACCES':
    case 'EPERM':
      return { why: `you are not allowed to write in ${folder} (${code})`, mend: 'see to its permissions', full: false };
    case 'ENOTDIR':
    case 'EEXIST':
      return { why: `${nearest(path)} is a file, where a folder is needed`, mend: 'move that file away', full: false };
    case 'ENOENT':                                                       // so says making folders where the disk can only be read, too
      return { why: `no folder can be made in ${nearest(path)}`, mend: 'see to its permissions', full: false };
    case 'EBUSY':
    case 'EISDIR':
    case 'EIO':
      return { why: messageOf(error), mend: `see to ${folder}`, full: false };
    default:
      return undefined;
  }
}

/** What is there of the way to a path. */
function nearest(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    try {
      statSync(at);
      return at;
    } catch {
      if (dirname(at) === at) return at;
    }
  }
}

/** @throws KernelFailure('weights') when it cannot be made */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw diskFailure(folder, error) ?? error;
  });
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
    throw new DiskFailure(purpose.kind, `${path} does not fit: it needs ${inMegabytes(bytes)}, and the disk is full but for ${inMegabytes(free)}; make room and try again, or ${purpose.elsewhere}`);
  }
}
