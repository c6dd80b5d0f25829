import { randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { access, constants, link, lstat, mkdir, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { KernelFailure, messageOf } from '../failure.ts';
import { clearTemporaries, hiddenTemporary } from '../temporaries.ts';

/** Files in the making; what is left of them when the process ends in a hurry is removed. */
const unfinished = new Set<string>();
process.on('exit', () => {
  for (const path of unfinished) {
    try {
      unlinkSync(path);
    } catch {
      // gone, or never begun
    }
  }
});

/**
 * Lets `write` fill a hidden sibling of `wanted` and then gives it that name. Where the name is taken, the next free one is used (`name-2.ext`, ...):
 * nothing is ever overwritten, and no half-written file is ever seen.
 * @returns the path of the finished file
 * @throws KernelFailure('output') when the folder or the disk refuses; whatever `write` throws otherwise
 */
export async function writeWhole(wanted: string, write: (temporary: string) => Promise<void>): Promise<string> {
  const folder = dirname(wanted);
  const temporary = hiddenBeside(wanted);
  unfinished.add(temporary);
  try {
    await mkdir(folder, { recursive: true });
    await clearNowAndThen(folder);
    await write(temporary);
    for (let number = 1; ; number++) {
      const path = numbered(wanted, number);
      if (await claim(temporary, path)) return path;
    }
  } catch (error) {
    throw outputFailure(wanted, error) ?? error;
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
    unfinished.delete(temporary);
  }
}

/** A free name for a file in the making; ffmpeg wants the extension. */
export function hiddenBeside(wanted: string): string {
  return hiddenTemporary(dirname(wanted), extname(wanted));
}

/** Milliseconds in which a folder, into which many results may be written, is not cleared again. */
const clearedFor = 60_000;
const cleared = new Map<string, number>();

/** Clears what processes that were killed left in a folder of results. */
async function clearNowAndThen(folder: string): Promise<void> {
  const now = performance.now();
  if (now - (cleared.get(folder) ?? -Infinity) < clearedFor) return;
  cleared.set(folder, now);
  await clearTemporaries(folder);
}

/** What a file in the making ends with that is not `writeWhole`'s; who finds an old one may remove it. */
export const partExtension = '.part';

/** Writes a file of ours, whole or not at all; one that has the name already gives way. Its folder must be there. */
export async function replaceFile(path: string, bytes: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}${partExtension}`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Lets `fill` fill a hidden sibling of `wanted`, a folder, and then gives it that name, or the next free one (`name-2`, ...).
 * @returns the path of the finished folder
 * @throws KernelFailure('output') when the folder or the disk refuses; whatever `fill` throws otherwise
 */
export async function writeFolderWhole(wanted: string, fill: (temporary: string) => Promise<void>): Promise<string> {
  const temporary = hiddenTemporary(dirname(wanted));
  try {
    await mkdir(temporary, { recursive: true });
    await clearNowAndThen(dirname(wanted));
    await fill(temporary);
    for (let number = 1; ; number++) {
      const path = number === 1 ? wanted : `${wanted}-${number}`;
      if (await isThere(path)) continue;
      try {
        await rename(temporary, path);
        return path;
      } catch (error) {
        if (!(await isThere(path))) throw error;                        // else another process was faster
      }
    }
  } catch (error) {
    throw outputFailure(wanted, error) ?? error;
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

/** The names a result may take, the first being the wanted one: `name.ext`, `name-2.ext`, ... */
export function numbered(wanted: string, number: number): string {
  const extension = extname(wanted);
  return number === 1 ? wanted : join(dirname(wanted), `${basename(wanted, extension)}-${number}${extension}`);
}

/**
 * Asks the file system whether a file can have this name, before hours of work go into it.
 * @throws KernelFailure('output') when the name is too long
 */
export async function checkName(path: string): Promise<void> {
  await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENAMETOOLONG') throw nameTooLong(path, error);
  });
}

/**
 * Likewise whether a file can be written at this path, whose folders may not be there yet.
 * @throws KernelFailure('output') when the nearest folder that is there allows it not
 */
export async function checkWritable(path: string): Promise<void> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    try {
      if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error(`${folder} is a file`), { code: 'ENOTDIR' });
      await access(folder, constants.W_OK);
      return;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || folder === dirname(folder)) throw outputFailure(path, error) ?? error;
    }
  }
}

function nameTooLong(path: string, cause: unknown): KernelFailure {
  return new KernelFailure('output', `${path} cannot be written: the name is too long; rename the original or choose a shorter --suffix`, { cause });
}

/** Gives the file its name unless that is taken: a hard link fails on an existing name, a rename would replace it. */
async function claim(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    await unlink(temporary);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
    return claimWithoutLinks(temporary, path);
  }
}

/** For exFAT and some network shares: the name is taken by an empty file first, which one process alone can make. */
async function claimWithoutLinks(temporary: string, path: string): Promise<boolean> {
  try {
    await writeFile(path, '', { flag: 'wx' });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  await rename(temporary, path);
  return true;
}

/** A refusal of the file system as a failure a person can act on; undefined for other errors. */
export function outputFailure(path: string, error: unknown): KernelFailure | undefined {
  if (error instanceof KernelFailure) return undefined;
  const message = messageOf(error);
  if (codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT' || /no space left|disk quota/i.test(message)) return new KernelFailure('output', `${path} cannot be written: the disk is full; make room or choose another folder with --output`, { cause: error });
  if (codeOf(error) === 'ENAMETOOLONG') return nameTooLong(path, error);
  if (codeOf(error) === 'ENOTDIR') return new KernelFailure('output', `${path} cannot be written: what should be its folder is a file; choose another folder with --output`, { cause: error });
  if (['EACCES', 'EROFS', 'EPERM', 'EEXIST', 'ENOENT'].includes(codeOf(error)) || /permission denied|read-only file system/i.test(message)) {
    return new KernelFailure('output', `${path} cannot be written: its folder does not allow it (${codeOf(error) || message}); choose another folder with --output`, { cause: error });
  }
  return undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
