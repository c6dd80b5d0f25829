import { readFile, writeFile } from 'node:fs/promises';
import { numbered, writeWhole } from '../../media/atomicFile.ts';

/** Writes a file whole under the wanted or the next free name; where the same bytes stand there already, these are it. @returns its path */
export async function writeOnce(wanted: string, bytes: Buffer): Promise<string> {
  for (let number = 1; ; number++) {
    const path = numbered(wanted, number);
    const there = await readFile(path).catch(() => undefined);
    if (!there) break;
    if (there.equals(bytes)) return path;
  }
  return writeWhole(wanted, (temporary) => writeFile(temporary, bytes));
}
