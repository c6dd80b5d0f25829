import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { clearTemporaries } from '../temporaries.ts';
import { discard, hasNote, sizeOf } from './download.ts';
import { clearAbandoned, whileFree } from './fileLock.ts';
import { lockOf, partOf, stateOf } from './installed.ts';
import { officialFiles, type OfficialFile } from './officialFiles.ts';

/**
 * Clears what processes that were killed left in a folder of weights and in the cache: copies, conversions and notes in the making, locks, downloads that nothing can go on from. A download
 * that can be gone on with stays, and so does whatever a living process works on. What cannot be removed stays too: nobody asked for it to go.
 */
export async function clearLeftovers(folder: string, cacheFolder: string): Promise<void> {
  await Promise.all([folder, ...['models', 'hashes', 'devices'].map((name) => join(cacheFolder, name))].map(clearTemporaries));
  const names = await readdir(folder).catch(() => []);
  for (const file of officialFiles) {
    for (const name of names.filter((one) => one.startsWith(`${file.file}.lock`))) await clearAbandoned(join(folder, name)).catch(() => undefined);
    if (names.some((name) => name.startsWith(`${file.file}.part`)) && await isUseless(file, folder)) {
      await whileFree(lockOf(file, folder), async () => {
        if (await isUseless(file, folder)) await discard(partOf(file, folder));
      }).catch(() => undefined);
    }
  }
}

/** The file is there, whole, or it is not known which version this is a part of. */
async function isUseless(file: OfficialFile, folder: string): Promise<boolean> {
  const state = await stateOf(file, folder);
  const part = partOf(file, folder);
  return (state.kind === 'present' && state.unchanged) || await sizeOf(part) === 0 || !(await hasNote(part));
}
