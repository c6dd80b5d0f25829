import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { KernelFailure } from '../failure.ts';

const rememberedSchema = z.object({ size: z.number(), modified: z.number(), sha256: z.string() });

/**
 * SHA-256 of a file's bytes, in hex. Remembered in `cacheFolder` by path, size and time of change, so that 640 MB are not read
 * at every start.
 * @throws KernelFailure('checkpoint') if the file cannot be read; the signal's reason if it was aborted
 */
export async function contentHash(path: string, cacheFolder: string, signal?: AbortSignal): Promise<string> {
  const { size, modified } = await identity(path);
  const memory = join(cacheFolder, 'hashes', `${sha256(resolve(path))}.json`);
  const remembered = rememberedSchema.safeParse(await readJson(memory)).data;
  if (remembered !== undefined && remembered.size === size && remembered.modified === modified) return remembered.sha256;

  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 4 << 20, ...(signal === undefined ? {} : { signal }) })) hash.update(chunk as Uint8Array);
  } catch (error) {
    signal?.throwIfAborted();
    throw unreadable(path, error);
  }
  const result = hash.digest('hex');
  await remember(memory, JSON.stringify({ size, modified, sha256: result }));
  return result;
}

/** SHA-256 of a text, in hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The parsed file, or undefined where it is missing or no JSON. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

async function identity(path: string): Promise<{ readonly size: number; readonly modified: number }> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { size, modified: mtimeMs };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** A hash that cannot be remembered is only computed again: no failure. */
async function remember(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

function unreadable(path: string, error: unknown): KernelFailure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const cause = code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${error instanceof Error ? error.message : String(error)})`;
  return new KernelFailure('checkpoint', `The weight file ${path} ${cause}. Check the path, or install the weights again.`, { cause: error });
}
