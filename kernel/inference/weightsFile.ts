import type { FileHandle } from 'node:fs/promises';
import type { StateDict } from '../checkpoint/stateDict.ts';
import { KernelFailure } from '../failure.ts';
import { toFloat16 } from '../nn/float16.ts';
import type { Weight } from '../nn/weight.ts';
import { writeWholeFile } from './wholeFile.ts';

/** Bytes gathered before they are written: small tensors are many. */
const bufferSize = 4 << 20;

/**
 * Writes the weights of a graph one after the other, tensor by tensor: of the checkpoint, only what one weight is made of is in memory.
 * @throws KernelFailure('checkpoint') if a tensor cannot be read, or is beyond the range of float16 where that was asked for
 */
export async function writeWeights(path: string, weights: readonly Weight[], state: StateDict, signal?: AbortSignal): Promise<void> {
  await writeWholeFile(path, async (file) => {
    const out = new BufferedFile(file);
    let cached: readonly [string, Float32Array] | undefined;           // q, k and v are rows of one tensor: read it once
    for (const weight of weights) {
      signal?.throwIfAborted();
      const values: Float32Array[] = [];
      for (const source of weight.sources) {
        if (cached?.[0] !== source) cached = [source, await state.readFloat32(source)];
        values.push(cached[1]);
      }
      const data = weight.compute(values);
      await out.write(weight.dtype === 'float16' ? halves(weight, data, state.path) : data);
    }
    await out.flush();
  });
}

function halves(weight: Weight, data: Float32Array, path: string): Uint16Array {
  const result = toFloat16(data);
  const overflow = result.findIndex((bits, i) => (bits & 0x7fff) === 0x7c00 && Number.isFinite(data[i]));
  if (overflow !== -1) {
    throw new KernelFailure('checkpoint', `${weight.sources.join(', ')} of ${path} holds ${data[overflow]!}, beyond the range of half precision. Use single precision (fp32).`);
  }
  return result;
}

class BufferedFile {
  readonly #buffer = new Uint8Array(bufferSize);
  #used = 0;
  constructor(readonly file: FileHandle) {}

  async write(data: Float32Array | Uint16Array): Promise<void> {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (this.#used + bytes.length > bufferSize) await this.flush();
    if (bytes.length > bufferSize) {
      await this.#writeAll(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  async flush(): Promise<void> {
    await this.#writeAll(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  /** One write call may take less than it is given, above all on a disk that is nearly full. */
  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      offset += (await this.file.write(bytes, offset)).bytesWritten;
    }
  }
}
