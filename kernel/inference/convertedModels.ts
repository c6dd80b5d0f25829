import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What a checkpoint was converted to, at one size and precision. */
export interface ConvertedModel {
  readonly folder: string;
  readonly bytes: number;
  /** SHA-256 of the checkpoint it was made from; undefined where an earlier version did not note it. */
  readonly checkpoint: string | undefined;
}

/** All converted models of a cache. */
export async function convertedModels(cacheFolder: string): Promise<readonly ConvertedModel[]> {
  const names = await readdir(join(cacheFolder, 'models')).catch(() => []);
  return Promise.all(names.map(async (name) => {
    const folder = join(cacheFolder, 'models', name);
    const sizes = await Promise.all((await readdir(folder).catch(() => [])).map((file) => stat(join(folder, file)).then(({ size }) => size, () => 0)));
    return { folder, bytes: sizes.reduce((sum, size) => sum + size, 0), checkpoint: await checkpointOf(folder) };
  }));
}

/** Removes what was converted from a checkpoint. @returns bytes that were given back */
export async function removeConverted(cacheFolder: string, checkpoint: string): Promise<number> {
  const models = (await convertedModels(cacheFolder)).filter((model) => model.checkpoint === checkpoint);
  await Promise.all(models.map(({ folder }) => rm(folder, { recursive: true, force: true })));
  return models.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function checkpointOf(folder: string): Promise<string | undefined> {
  try {
    const { checkpoint } = JSON.parse(await readFile(join(folder, 'complete.json'), 'utf8')) as { readonly checkpoint?: unknown };
    return typeof checkpoint === 'string' ? checkpoint : undefined;
  } catch {
    return undefined;
  }
}
