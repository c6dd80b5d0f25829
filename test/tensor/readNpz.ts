import { execFile } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { openPromise } from 'yauzl';
import { parseNpy, type NpyArray } from '../../kernel/tensor/npy.ts';

/** The arrays of a .npz file by name, in the file's order; their checksums are checked. */
export async function readNpz(path: string): Promise<ReadonlyMap<string, NpyArray>> {
  const zip = await openPromise(path, { lazyEntries: true });
  const arrays = new Map<string, NpyArray>();
  for await (const entry of zip.eachEntry()) {
    if (entry.compressionMethod !== 0) throw new Error(`${entry.fileName} is compressed`);
    arrays.set(entry.fileName.replace(/\.npy$/, ''), parseNpy(await buffer(await zip.openReadStreamPromise(entry)), entry.fileName));
  }
  return arrays;
}

/** Whether python3 with NumPy is installed here. */
export async function hasNumpy(): Promise<boolean> {
  return promisify(execFile)('python3', ['-c', 'import numpy']).then(() => true, () => false);
}
