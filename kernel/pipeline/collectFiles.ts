import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KernelFailure } from '../failure.ts';
import { defaultSuffix } from './request.ts';

/** Pictures and clips sharp and ffmpeg read, and those a person might expect to be read (they get a refusal that names the format). */
const pictureExtensions = new Set(['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff', '.avif', '.gif', '.heic', '.heif', '.jxl', '.jp2', '.bmp']);
const clipExtensions = new Set(['.mp4', '.m4v', '.mov', '.mkv', '.webm', '.avi', '.mpg', '.mpeg', '.ts', '.mts', '.m2ts', '.wmv', '.flv', '.3gp', '.ogv', '.mxf']);

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

/**
 * Expands files and folders (recursive, in name order) to the files that can be restored.
 * Inside folders, files of other kinds, hidden ones and earlier results are skipped with the reason; a file named outright never is.
 * @throws KernelFailure('input') for a path that does not exist
 */
export async function collectFiles(paths: readonly string[], suffix = defaultSuffix): Promise<{ files: readonly FoundFile[]; skipped: readonly SkippedFile[] }> {
  const files: FoundFile[] = [];
  const skipped: SkippedFile[] = [];
  for (const path of paths) {
    const found = await statOrFail(path);
    if (found.isDirectory()) await walk(path, '', isResult(suffix), files, skipped);
    else files.push({ path, kind: kindOf(path) ?? 'picture', subfolder: '' });
  }
  return { files, skipped };
}

/** What the extension of a name promises; the content is looked at when the file is opened. */
export function kindOf(path: string): 'picture' | 'clip' | undefined {
  const extension = /\.[^./\\]+$/.exec(path)?.[0].toLowerCase() ?? '';
  if (pictureExtensions.has(extension)) return 'picture';
  return clipExtensions.has(extension) ? 'clip' : undefined;
}

/** Names that results have: `name.<suffix>.ext`, `name.<suffix>-2.ext`. */
function isResult(suffix: string): RegExp {
  return new RegExp(`\\.${suffix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(-\\d+)?\\.[^.]+$`);
}

async function walk(folder: string, subfolder: string, result: RegExp, files: FoundFile[], skipped: SkippedFile[]): Promise<void> {
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const kind = kindOf(entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) {
      if (!entry.name.endsWith('.trajectory')) await walk(path, join(subfolder, entry.name), result, files, skipped);
    } else if (!entry.isFile()) skipped.push({ path, why: 'not a regular file' });
    else if (result.test(entry.name)) skipped.push({ path, why: 'a result of an earlier restoration' });
    else if (kind === undefined) skipped.push({ path, why: 'neither a picture nor a clip' });
    else files.push({ path, kind, subfolder });
  }
}

async function statOrFail(path: string): Promise<Awaited<ReturnType<typeof stat>>> {
  try {
    return await stat(path);
  } catch (error) {
    throw new KernelFailure('input', `${path} does not exist or cannot be read; check the path`, { cause: error });
  }
}
