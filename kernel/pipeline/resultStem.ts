import { basename, dirname, extname, join } from 'node:path';
import { defaultSuffix, type RestoreRequest } from '../recipe/restoreOptions.ts';

/**
 * Where the result of a file goes: its path without the extension.
 * @param subfolder of the file below the folder that was named, kept below an output folder
 */
export function resultStem(path: string, { output, suffix }: Pick<RestoreRequest, 'output' | 'suffix'>, subfolder = ''): string {
  return join(output === undefined ? dirname(path) : join(output, subfolder), `${basename(path, extname(path))}.${suffix ?? defaultSuffix}`);
}
