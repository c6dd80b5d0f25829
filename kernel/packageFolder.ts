import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';

/**
 * The folder that holds package.json, samples/ and dist/: of the checkout or of the installed extension.
 * Sources lie at different depths than bundles do, hence the walk upwards.
 */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the installation is incomplete: no package.json above ' + fileURLToPath(import.meta.url));
    folder = parent;
  }
  return folder;
}

/** Of this product, as package.json says it. */
export function productVersion(): string {
  return (JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { readonly version: string }).version;
}

/** Where converted graphs and probe verdicts are kept: `DIFFACE_CACHE`, or the user's cache folder of the operating system. */
export function cacheFolder(): string {
  return process.env['DIFFACE_CACHE'] ?? envPaths('difface', { suffix: '' }).cache;
}

/** Where installed model weights are kept: `DIFFACE_WEIGHTS`, or the user's data folder of the operating system. */
export function weightsFolder(): string {
  return process.env['DIFFACE_WEIGHTS'] ?? join(envPaths('difface', { suffix: '' }).data, 'weights');
}
