import { basename, dirname, extname, join } from 'node:path';
import { resultExtension } from '../media/image.ts';
import { defaultSuffix, type RestoreRequest } from '../recipe/restoreOptions.ts';
import { kindOf } from './collectFiles.ts';

const formatsByName: Readonly<Record<string, string>> = { '.jpg': 'jpeg', '.jpeg': 'jpeg', '.png': 'png', '.webp': 'webp', '.tif': 'tiff', '.tiff': 'tiff' };

/** The extension of a result, as far as the name of its original tells. */
export function likelyExtension(path: string): string {
  return kindOf(path) === 'clip' ? extname(path) : resultExtension(path, formatsByName[extname(path).toLowerCase()] ?? '');
}

/**
 * Where the result of a file goes: its path without the extension.
 * @param subfolder of the file below the folder that was named, kept below an output folder
 */
export function resultStem(path: string, { output, suffix }: Pick<RestoreRequest, 'output' | 'suffix'>, subfolder = ''): string {
  return join(output === undefined ? dirname(path) : join(output, subfolder), `${basename(path, extname(path))}.${suffix ?? defaultSuffix}`);
}
