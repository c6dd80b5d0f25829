import { constants, type Stats } from 'node:fs';
import { copyFile, open, opendir, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { KernelFailure, systemReason } from '../failure.ts';
import { temporaryBeside } from '../temporaries.ts';
import { concernsOneFile, diskFailure, makeFolder, requireRoom } from './diskFailure.ts';
import { examine, recogniseFile } from './examine.ts';
import { checking, publish, underLock, type FileWork } from './fileWork.ts';
import { pathOf, type InstallRecord } from './installed.ts';
import { officialFiles, type OfficialFile } from './officialFiles.ts';
import { writeAll } from './writeAll.ts';

export interface Imported {
  readonly file: OfficialFile;
  readonly from: string;
  readonly record: InstallRecord;
}

export interface ImportOutcome {
  readonly imported: readonly Imported[];
  /** Files that look like weights and are none that belong here, or are there twice. */
  readonly skipped: readonly PathWithReason[];
  /** What was named or found among others and cannot be imported. */
  readonly failed: readonly PathWithReason[];
}

export interface PathWithReason {
  readonly path: string;
  readonly why: string;
}

const extensions = new Set(['.pth', '.pt', '.ckpt', '.bin']);
/** Deepest folder below the given one, and most entries that are looked at: somebody may give the root of a disk. */
const deepest = 5;
const mostEntries = 20_000;

/**
 * Brings in files that came another way: those that are named, and all of folders. They are recognised by their tensors, whatever they are called, and copied whole or not at all.
 * Of several, one that cannot be imported keeps none of the others from it.
 * @param onFailed told of what is named or found among others and cannot be imported
 * @throws KernelFailure of a single path, or the only file in a single folder: ('input') when it is not there or there are no weights in it, ('checkpoint') when the one file is damaged or holds something else; ('weights') when the disk
 * refuses, ('cancelled')
 */
export async function importFiles(paths: readonly string[], options: FileWork, onFailed?: (path: string, why: string) => void): Promise<ImportOutcome> {
  const [imported, skipped, failed]: [Imported[], PathWithReason[], PathWithReason[]] = [[], [], []];
  const fail = (path: string, error: unknown, alone: boolean): void => {
    if (alone || !concernsOneFile(error)) throw error;
    failed.push({ path, why: error.message });
    onFailed?.(path, error.message);
  };
  const [named, found]: [Set<string>, Set<string>] = [new Set(), new Set()];
  for (const path of new Set(paths)) {
    try {
      const inside = await candidatesIn(path);
      if (inside) for (const one of inside) found.add(one);
      else named.add(path);
    } catch (error) {
      fail(path, error, paths.length === 1);
    }
  }
  const candidates = new Set([...named, ...[...found].sort(officialFirst)]);
  for (const candidate of candidates) {
    options.signal.throwIfAborted();
    try {
      const file = await belongsTo(candidate);
      const earlier = imported.find((one) => one.file === file);
      if (earlier) skipped.push({ path: candidate, why: `${candidate} holds ${file.title} again; ${earlier.from} was taken` });
      else imported.push({ file, from: candidate, record: await importOne(candidate, file, options) });
    } catch (error) {
      if (!named.has(candidate) && error instanceof KernelFailure && error.kind === 'checkpoint') skipped.push({ path: candidate, why: error.message });
      else fail(candidate, error, paths.length === 1 && candidates.size === 1);
    }
  }
  return { imported, skipped, failed };
}

/** @throws KernelFailure('checkpoint') */
async function belongsTo(path: string): Promise<OfficialFile> {
  const { file, nearest, holds } = await recogniseFile(path);
  if (file) return file;
  const meant = nearest ?? officialFiles.find((one) => one.file === basename(path));
  // says which keys differ
  if (meant) await examine(path, meant);
  throw new KernelFailure('checkpoint', `${path} is none of the official files: it holds ${holds}`);
}

/** Those with an official name come first, so that they are taken where a file is there twice. */
function officialFirst(a: string, b: string): number {
  const official = (path: string): number => (officialFiles.some(({ file }) => file === basename(path)) ? 0 : 1);
  return official(a) - official(b) || a.localeCompare(b);
}

/**
 * The files of a folder that may be weights; undefined where the path is a file itself.
 * @throws KernelFailure('input') when it is not there, or there are none in it, or too much else
 */
async function candidatesIn(folder: string): Promise<readonly string[] | undefined> {
  const there = await stat(folder).catch((error: unknown): Stats => {
    throw new KernelFailure('input', `${folder} cannot be opened: ${systemReason(error)}`, { cause: error });
  });
  if (!there.isDirectory()) return undefined;
  const found: string[] = [];
  const folders: { path: string; depth: number }[] = [{ path: folder, depth: 0 }];
  let entries = 0;
  for (let at = folders.shift(); at; at = folders.shift()) {
    const directory = await opendir(at.path).catch(() => undefined);
    if (!directory) continue;
    for await (const entry of directory) {
      if (++entries > mostEntries) throw new KernelFailure('input', `${folder} holds more than ${mostEntries.toLocaleString('en-US')} files; give the folder the weights are in`);
      const path = join(at.path, entry.name);
      if (entry.isDirectory() && at.depth < deepest && !entry.name.startsWith('.')) folders.push({ path, depth: at.depth + 1 });
      if ((entry.isFile() || entry.isSymbolicLink()) && extensions.has(extname(entry.name).toLowerCase())) found.push(path);
    }
  }
  if (found.length === 0) throw new KernelFailure('input', `${folder} holds no weights: no file in it ends in ${[...extensions].join(', ')}`);
  return found;
}

async function importOne(source: string, file: OfficialFile, { folder, signal, onProgress }: FileWork): Promise<InstallRecord> {
  const path = pathOf(file, folder);
  await makeFolder(folder);
  return underLock(file, { folder, signal, onProgress }, async () => {
    const copy = temporaryBeside(path);
    try {
      await copyWhole(source, copy, file, { folder, signal, onProgress });
      const examined = await examine(copy, file, checking(file, { signal, onProgress })).catch((error: unknown) => {
        if (error instanceof KernelFailure) throw new KernelFailure(error.kind, error.message.replaceAll(copy, source), { cause: error });
        throw error;
      });
      return await publish(copy, file, folder, examined, source);
    } finally {
      await rm(copy, { force: true }).catch(() => undefined);
    }
  });
}

/** File systems that share blocks (APFS, Btrfs, XFS) copy at once; elsewhere it is done in pieces, so that it can be told and cancelled. */
async function copyWhole(source: string, copy: string, file: OfficialFile, { folder, signal, onProgress }: FileWork): Promise<void> {
  const total = (await stat(source)).size;
  try {
    await copyFile(source, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return;
  } catch {
    await rm(copy, { force: true });
  }
  await requireRoom(pathOf(file, folder), total);
  const from = await open(source, 'r');
  try {
    await copyPieces(from, copy, (at) => {
      signal.throwIfAborted();
      onProgress({ stage: 'copying', file: file.file, done: at, total });
    });
  } catch (error) {
    throw diskFailure(pathOf(file, folder), error) ?? error;
  } finally {
    await from.close();
  }
}

/** @param onPiece told how many bytes are there; ends the copy by throwing */
async function copyPieces(from: FileHandle, copy: string, onPiece: (at: number) => void): Promise<void> {
  const to = await open(copy, 'wx');
  try {
    const buffer = Buffer.alloc(2 ** 22);
    for (let at = 0; ;) {
      const { bytesRead } = await from.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) break;
      await writeAll(to, buffer.subarray(0, bytesRead), at);
      at += bytesRead;
      onPiece(at);
    }
    await to.sync();
  } finally {
    await to.close();
  }
}
