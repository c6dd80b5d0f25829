import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isIntact, readConverted } from './convertedFiles.ts';

/** What a checkpoint was converted to, at one size and precision. */
export interface ConvertedModel {
  readonly folder: string;
  readonly bytes: number;
  /** SHA-256 of the checkpoint it was made from; undefined where it is not whole, or of a version that kept no sums. */
  readonly checkpoint: string | undefined;
}

/** All converted models of a cache. */
export async function convertedModels(cacheFolder: string): Promise<readonly ConvertedModel[]> {
  const names = await readdir(join(cacheFolder, 'models')).catch(() => []);
  return Promise.all(names.map(async (name) => {
    const folder = join(cacheFolder, 'models', name);
    const sizes = await Promise.all((await readdir(folder).catch(() => [])).map((file) => stat(join(folder, file)).then(({ size }) => size, () => 0)));
    return { folder, bytes: sizes.reduce((sum, size) => sum + size, 0), checkpoint: (await readConverted(folder))?.checkpoint };
  }));
}

/** Removes what was converted from a checkpoint. @returns bytes that were given back */
export async function removeConverted(cacheFolder: string, checkpoint: string): Promise<number> {
  const models = (await convertedModels(cacheFolder)).filter((model) => model.checkpoint === checkpoint);
  await Promise.all(models.map(({ folder }) => rm(folder, { recursive: true, force: true })));
  return models.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Reads all that was converted from a checkpoint, and removes what is not as it was written: it is converted again when it is next used. @returns how many were removed */
export async function removeDamagedConverted(cacheFolder: string, checkpoint: string): Promise<number> {
  let removed = 0;
  for (const model of await convertedModels(cacheFolder)) {
    if (model.checkpoint !== checkpoint || await isIntact(model.folder, true)) continue;
    await rm(model.folder, { recursive: true, force: true });
    removed++;
  }
  return removed;
}
