import { join } from 'node:path';
import type { Surroundings } from '../../recipe/language/surroundings.ts';
import { defaultSuffix } from '../../recipe/restoreOptions.ts';
import { isResult } from '../collectFiles.ts';

/** Larger trees are not looked through while one types. */
const mostFolders = 50;

/** The files of a folder that a restoration would take, as far as listings tell, absolute; undefined where it holds too many folders. Transport streams (`.ts`) and links are left out. */
export async function restorableFiles(folder: string, around: Surroundings, suffix = defaultSuffix): Promise<readonly string[] | undefined> {
  const result = isResult(suffix);
  const files: string[] = [];
  const folders = [folder];
  for (const one of folders) {                                          // grows while it is walked
    if (folders.length > mostFolders) return undefined;
    for (const { name, kind, link } of await around.files(one)) {
      if (name.startsWith('.') || link === true || kind === 'other') continue;
      if (kind !== 'folder' && !result.test(name)) files.push(join(one, name));
      if (kind === 'folder' && !name.endsWith('.trajectory')) folders.push(join(one, name));
    }
  }
  return files;
}
