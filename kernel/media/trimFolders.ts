import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Another process may be at work in a folder that was touched since, in milliseconds. */
const busyFor = 600_000;

export interface Trimming {
  /** Bytes that all folders together may take. */
  readonly limit: number;
  /** Whether somebody in this process needs the folder. */
  readonly inUse: (folder: string) => boolean;
  readonly remove: (folder: string) => Promise<void>;
}

/** Removes the folders under `root` that were used longest ago until the rest keeps within the limit. The newest stays, and so do those in use, here or (as far as one can tell) elsewhere. */
export async function trimFolders(root: string, { limit, inUse, remove }: Trimming): Promise<void> {
  const folders = await Promise.all((await readdir(root).catch(() => [])).map(async (name) => {
    const folder = join(root, name);
    return { folder, used: (await stat(folder).catch(() => undefined))?.mtimeMs ?? 0, bytes: await bytesIn(folder) };
  }));
  let total = 0;
  for (const [i, { folder, bytes, used }] of folders.sort((a, b) => b.used - a.used).entries()) {
    total += bytes;
    if (total > limit && i > 0 && Date.now() - used >= busyFor && !inUse(folder)) await remove(folder).catch(() => undefined);
  }
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name)).then(({ size }) => size, () => 0)));
  return sizes.reduce((sum, size) => sum + size, 0);
}
