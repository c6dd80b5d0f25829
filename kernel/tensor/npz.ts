import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { bytesOf, npyHeader, type NpyDtype } from './npy.ts';
import { sizeOf } from './tensor.ts';

/** An array on its way into a .npz file. */
export interface NpzArray {
  /** What NumPy calls it: `numpy.load(path)[name]`. */
  readonly name: string;
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  /** Its numbers in C order, little endian, in as many parts as one likes; asked for one after the other, when the ones before are written. */
  readonly parts: Iterable<ArrayBufferView | Promise<ArrayBufferView>>;
}

/**
 * Writes arrays as NumPy's .npz: a zip of .npy files, not compressed, with 64-bit sizes where 32 bits do not do. One part is in memory at a time.
 * @param path of a file that is not there yet; what was written until a failure stays
 * @throws RangeError when an array's parts are fewer or more than its shape says; the signal's reason; what `parts` throws, and what the file system refuses, as it is
 */
export async function writeNpz(path: string, arrays: Iterable<NpzArray>, signal?: AbortSignal): Promise<void> {
  const zip = new ZipFile();
  const failed = new AbortController();                                 // a zip is not told that a source of it failed
  const sources: Readable[] = [];
  for (const array of arrays) {
    // Names and contents are all that matters: a fixed time makes equal states equal files.
    zip.addReadStreamLazy(`${array.name}.npy`, { compress: false, mtime: new Date(1980, 0, 1), forceDosTimestamp: true }, (take) => {
      const source = Readable.from(npyParts(array), { objectMode: false, highWaterMark: 1 });
      source.on('error', (error) => {
        failed.abort(error);
      });
      sources.push(source);
      take(undefined, source);
    });
  }
  zip.end();
  const stop = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]);
  try {
    await pipeline(zip.outputStream, createWriteStream(path, { flags: 'wx' }), { signal: stop });
  } catch (error) {
    stop.throwIfAborted();
    throw error;
  } finally {
    for (const source of sources) source.destroy();
  }
}

async function* npyParts({ name, dtype, shape, parts }: NpzArray): AsyncGenerator<Uint8Array> {
  yield npyHeader(dtype, shape);
  const bytes = sizeOf(shape) * bytesOf(dtype);
  let written = 0;
  for (const next of parts) {
    const part = await next;
    written += part.byteLength;
    if (written > bytes) break;
    if (part.byteLength > 0) yield new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  }
  if (written !== bytes) throw new RangeError(`the array ${name} of shape (${shape.join(', ')}) needs ${bytes} bytes, not ${written}${written > bytes ? ' or more' : ''}`);
}
