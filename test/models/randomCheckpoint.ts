import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { TensorSpec } from './officialKeys.ts';

/**
 * Writes a checkpoint as torch.save does since PyTorch 1.6 (a stored zip: a pickle and one file per tensor), with random values whose
 * scale keeps activations moderate: weights uniform with variance 1 / fan-in, gains near 1, biases near 0, unless a tensor has a range of its own. One tensor is in memory at a time.
 */
export async function writeRandomCheckpoint(path: string, tensors: readonly TensorSpec[], seed = 1): Promise<void> {
  const random = uniform(seed);
  const file = await open(path, 'w');
  try {
    const zip = new StoredZip(file);
    await zip.add('archive/data.pkl', pickledStateDict(tensors));
    await zip.add('archive/version', Buffer.from('3\n'));
    for (const [index, tensor] of tensors.entries()) await zip.add(`archive/data/${index}`, randomValues(tensor, random));
    await zip.finish();
  } finally {
    await file.close();
  }
}

/** Writes a checkpoint of any pickle, for those that no honest program writes. @param storages bytes of the storages '0', '1', ... */
export async function writeCheckpoint(path: string, pickle: Buffer, storages: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    const zip = new StoredZip(file);
    await zip.add('archive/data.pkl', pickle);
    for (const [index, bytes] of storages.entries()) await zip.add(`archive/data/${index}`, bytes);
    await zip.finish();
  } finally {
    await file.close();
  }
}

function randomValues({ key, shape, dtype, range }: TensorSpec, random: () => number): Uint8Array {
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (dtype === 'int64') return new Uint8Array(8 * size);
  const values = new Float32Array(size);
  const isBias = /\.(bias|running_mean)$|bias_table/.test(key);
  const fanIn = shape.length > 1 ? size / shape[0]! : 1;
  const [centre, spread] = range ? [range.centre, range.spread] : isBias ? [0, 0.05] : shape.length <= 1 ? [1, 0.1] : [0, Math.sqrt(3 / fanIn)];
  for (let i = 0; i < size; i++) values[i] = centre + spread * random();
  return new Uint8Array(values.buffer);
}

/** Values in [-1, 1) (xorshift32, Marsaglia 2003). */
function uniform(seed: number): () => number {
  let state = (seed * 0x9e37_79b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}

/** Opcodes of pickle protocol 2 (Python's pickletools), without a memo. */
function pickledStateDict(tensors: readonly TensorSpec[]): Buffer {
  const parts: Buffer[] = [];
  const op = (text: string): void => { parts.push(Buffer.from(text, 'latin1')); };
  const text = (value: string): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.byteLength(value));
    parts.push(Buffer.from('X'), length, Buffer.from(value));
  };
  const integer = (value: number): void => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    parts.push(Buffer.from('J'), bytes);
  };
  const tuple = (values: readonly number[]): void => {
    op('(');
    values.forEach(integer);
    op('t');
  };

  op('\x80\x02ccollections\nOrderedDict\n)R(');
  for (const [index, { key, shape, dtype }] of tensors.entries()) {
    text(key);
    op('ctorch._utils\n_rebuild_tensor_v2\n((');
    text('storage');
    op(`ctorch\n${dtype === 'int64' ? 'LongStorage' : 'FloatStorage'}\n`);
    text(String(index));
    text('cpu');
    integer(shape.reduce((product, extent) => product * extent, 1));
    op('tQ');
    integer(0);
    tuple(shape);
    tuple(shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1)));
    op('\x89ccollections\nOrderedDict\n)RtR');
  }
  op('u.');
  return Buffer.concat(parts);
}

/** A zip of uncompressed entries, below 4 GiB, their contents on borders of 64 bytes as torch.save puts them (PKWARE APPNOTE 4.3). */
class StoredZip {
  readonly #directory: Buffer[] = [];
  #offset = 0;
  constructor(readonly file: FileHandle) {}

  async add(name: string, content: Uint8Array): Promise<void> {
    const encoded = Buffer.from(name);
    const padding = (64 - ((this.#offset + 30 + encoded.length + 4) % 64)) % 64 + 4;
    const extra = Buffer.alloc(padding);
    extra.write('FB', 'latin1');
    extra.writeUInt16LE(padding - 4, 2);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50);
    const common = Buffer.alloc(26);                                   // what the local head and the directory share
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(encoded.length, 22);
    common.copy(head, 4);
    head.writeUInt16LE(padding, 28);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50);
    common.copy(entry, 6);
    entry.writeUInt32LE(this.#offset, 42);
    this.#directory.push(entry, encoded);
    for (const part of [head, encoded, extra, content]) await this.#write(part);
  }

  async finish(): Promise<void> {
    const directory = Buffer.concat(this.#directory);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50);
    end.writeUInt16LE(this.#directory.length / 2, 8);
    end.writeUInt16LE(this.#directory.length / 2, 10);
    end.writeUInt32LE(directory.length, 12);
    end.writeUInt32LE(this.#offset, 16);
    await this.#write(directory);
    await this.#write(end);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.file.writeFile(bytes);                                  // appends: writes from the current position
    this.#offset += bytes.length;
  }
}
