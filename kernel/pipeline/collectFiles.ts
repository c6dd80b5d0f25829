import type { Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { KernelFailure, systemReason } from '../failure.ts';
import { defaultSuffix } from '../recipe/restoreOptions.ts';
import { lockName, readLockfile, recipeExtension } from './lockNames.ts';

/** Pictures and clips sharp and ffmpeg read, and those a person might expect to be read (they get a refusal that names the format). */
export const pictureExtensions = new Set(['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff', '.avif', '.gif', '.heic', '.heif', '.jxl', '.jp2', '.bmp']);
export const clipExtensions = new Set(['.mp4', '.m4v', '.mov', '.mkv', '.webm', '.avi', '.mpg', '.mpeg', '.ts', '.mts', '.m2ts', '.wmv', '.flv', '.3gp', '.ogv', '.mxf', '.vob', '.asf', '.f4v']);

/** A file to restore, and where its result belongs below an output folder. */
export interface FoundFile {
  readonly path: string;
  readonly kind: 'picture' | 'clip';
  /** Folder of the file relative to the folder that was named; '' for a file that was named itself. */
  readonly subfolder: string;
}

export interface SkippedFile {
  readonly path: string;
  readonly why: string;
}

export interface CollectedFiles {
  readonly files: readonly FoundFile[];
  readonly skipped: readonly SkippedFile[];
  /** Folders that were named and hold nothing to restore. */
  readonly empty: readonly string[];
}

/**
 * Expands files and folders (recursive, in name order) to the files that can be restored, each once.
 * Inside folders, files of other kinds, earlier results and folders that cannot be read are skipped with the reason, hidden files and folders, recipes and the states of
 * earlier restorations without a word; a file named outright never is.
 * @throws KernelFailure('input') for a path that does not exist or a named folder that cannot be read
 */
export async function collectFiles(paths: readonly string[], suffix = defaultSuffix): Promise<CollectedFiles> {
  const found: FoundFile[] = [];
  const skipped: SkippedFile[] = [];
  const empty: string[] = [];
  for (const path of paths) {
    if (!(await statOrFail(path)).isDirectory()) {
      found.push({ path, kind: kindOf(path) ?? 'picture', subfolder: '' });
      continue;
    }
    const before = found.length;
    const failure = await walk(path, '', isResult(suffix), found, skipped);
    if (failure !== undefined) throw new KernelFailure('input', `the folder ${path} cannot be read: ${failure}`);
    if (found.length === before) empty.push(path);
  }
  return { files: await eachOnce(found), skipped, empty };
}

/** Files that were named twice, or by different ways to the same place, the first time they were. */
async function eachOnce(files: readonly FoundFile[]): Promise<readonly FoundFile[]> {
  const known = new Set<string>();
  const once: FoundFile[] = [];
  for (const file of files) {
    const place = await realpath(file.path).catch(() => resolve(file.path));
    if (!known.has(place)) once.push(file);
    known.add(place);
  }
  return once;
}

/** What the extension of a name promises; the content is looked at when the file is opened. */
export function kindOf(path: string): 'picture' | 'clip' | undefined {
  const extension = /\.[^./\\]+$/.exec(path)?.[0].toLowerCase() ?? '';
  if (pictureExtensions.has(extension)) return 'picture';
  return clipExtensions.has(extension) ? 'clip' : undefined;
}

/** Names that results have: `name.<suffix>.ext`, `name.<suffix>-2.ext`. */
export function isResult(suffix: string): RegExp {
  return new RegExp(`\\.${suffix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(-\\d+)?\\.[^.]+$`);
}

/** @returns why the folder cannot be read; undefined where it can */
async function walk(folder: string, subfolder: string, result: RegExp, files: FoundFile[], skipped: SkippedFile[]): Promise<string | undefined> {
  let entries: readonly Dirent[];
  try {
    entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    return systemReason(error);
  }
  const names = new Set(entries.map(({ name }) => name));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const kind = kindOf(entry.name);
    if (entry.name.startsWith('.') || (entry.isFile() && entry.name.endsWith(recipeExtension))) continue;
    if (entry.isDirectory()) {
      if (entry.name.endsWith('.trajectory')) continue;
      const failure = await walk(path, join(subfolder, entry.name), result, files, skipped);
      if (failure !== undefined) skipped.push({ path, why: `the folder cannot be read (${failure})` });
    } else if (!entry.isFile()) skipped.push({ path, why: 'not a regular file' });
    else if (result.test(entry.name) || (await hasLockfile(path, names))) skipped.push({ path, why: 'a result of an earlier restoration' });
    else if (kind === undefined || !(await isWhatItsNameSays(path))) skipped.push({ path, why: 'neither a picture nor a clip' });
    else files.push({ path, kind, subfolder });
  }
  return undefined;
}

/** Results of another suffix are known by the lockfile of their name. @param names of what lies in the folder */
async function hasLockfile(path: string, names: ReadonlySet<string>): Promise<boolean> {
  const lockfile = lockName(path);
  return names.has(basename(lockfile)) && (await readLockfile(lockfile))?.locked.result.file === basename(path);
}

/** Nearly every `.ts` is TypeScript: a transport stream begins each of its packets, of 188 bytes, with the same byte. */
async function isWhatItsNameSays(path: string): Promise<boolean> {
  if (extname(path).toLowerCase() !== '.ts') return true;
  const file = await open(path).catch(() => undefined);
  if (!file) return true;                                               // opening it again will say why it cannot be read
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(189), 0, 189, 0);
    return bytesRead === 189 && buffer[0] === 0x47 && buffer[188] === 0x47;
  } finally {
    await file.close();
  }
}

async function statOrFail(path: string): Promise<Awaited<ReturnType<typeof stat>>> {
  try {
    return await stat(path);
  } catch (error) {
    throw new KernelFailure('input', `${path} does not exist or cannot be read; check the path`, { cause: error });
  }
}
