import { open, stat, type FileHandle } from 'node:fs/promises';
import { fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import { KernelFailure, messageOf, systemReason } from '../failure.ts';
import { bytesOf, storageClasses, type DType } from './dtype.ts';
import { PickledGlobal, PickleError, readPickle, type PickleHost } from './pickle.ts';

/** A run of bytes of the file that tensors look into. */
export interface Storage {
  readonly key: string;
  readonly dtype: DType;
  /** Number of elements, as announced by the pickle. */
  readonly length: number;
}

/** A tensor as stored: a strided view into a storage; offset and strides count elements. */
export class StoredTensor {
  constructor(readonly storage: Storage, readonly offset: number, readonly shape: readonly number[], readonly strides: readonly number[]) {}
}

/** An opened PyTorch file: the pickled object and where each storage's bytes lie. */
export interface TorchFile {
  readonly path: string;
  readonly format: 'zip' | 'legacy';
  readonly root: unknown;
  readonly handle: FileHandle;
  /** Byte offset of each storage in the file, and how many bytes are there. */
  readonly places: ReadonlyMap<string, { readonly offset: number; readonly bytes: number }>;
  /** Runs of bytes whose CRC-32 the file itself says, in its order; the legacy format says none. */
  readonly sums: readonly SummedRun[];
}

export interface SummedRun {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
  readonly crc32: number;
}

const pickleLimit = 64 * 1024 * 1024;                                   // the pickles of 1 GB checkpoints are below 1 MB
const entryLimit = 200_000;                                             // a storage each; the largest known networks have some thousands

/**
 * Opens a file that torch.save wrote: the zip format of PyTorch 1.6 and later, or the stream before it. Only headers and the pickle are read.
 * @throws KernelFailure('checkpoint') saying what is wrong with the file
 */
export async function openTorchFile(path: string): Promise<TorchFile> {
  let handle: FileHandle;
  try {
    handle = await openRegular(path);
  } catch (error) {
    throw new KernelFailure('checkpoint', `${path} cannot be opened: ${systemReason(error)}`, { cause: error });
  }
  try {
    const { size } = await handle.stat();
    if (size === 0) throw new PickleError('it is empty; download it again');
    const head = await readRange(handle, 0, Math.min(512, size));
    if (head[0] === 0x50 && head[1] === 0x4b) return await openZip(path, handle, size);
    refuseOtherKinds(head);
    return await openLegacy(path, handle, size);
  } catch (error) {
    await handle.close();
    if (error instanceof KernelFailure) throw error;
    throw new KernelFailure('checkpoint', `${path} is not a PyTorch checkpoint that can be read: ${messageOf(error)}`, { cause: error });
  }
}

/** A pipe would be waited for as soon as it is opened. */
async function openRegular(path: string): Promise<FileHandle> {
  const found = await stat(path);
  if (found.isDirectory()) throw new PickleError('it is a folder, where a weight file is expected; name the file');
  if (!found.isFile()) throw new PickleError('it is not a regular file');
  return open(path, 'r');
}

function refuseOtherKinds(head: Buffer): void {
  const text = head.toString('latin1');
  if (/^\s*<(!doctype|html|\?xml)/i.test(text)) throw new PickleError('it is a web page; the download went wrong, fetch the file again');
  if (text.startsWith('version https://git-lfs')) throw new PickleError('it is a pointer of Git LFS, not the file itself; run git lfs pull');
  if (text.slice(257, 262) === 'ustar') throw new PickleError('it is in the tar format of PyTorch before 0.4; save it again with a newer one');
  if (head.length > 8 && head.readUInt32LE(4) === 0 && text[8] === '{') throw new PickleError('it is a safetensors file; a .pth is needed');
  if (head[0] !== 0x80) throw new PickleError(isText(head) ? 'it is a text file, whatever it is called' : 'it is no file that torch.save wrote, whatever it is called');
}

/** UTF-8 without control characters; the last character may be cut. */
function isText(head: Buffer): boolean {
  try {
    return !/[\0-\x08\x0e-\x1f]/.test(new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true }));
  } catch {
    return false;
  }
}

async function openZip(path: string, handle: FileHandle, size: number): Promise<TorchFile> {
  const zip = await fromRandomAccessReaderPromise(new BoundedReader(handle, size), size, { autoClose: false, lazyEntries: true }).catch((error: unknown) => {
    if (/central directory/i.test(messageOf(error))) throw new PickleError('its end is missing, where its contents are listed: it was cut short; download it again', { cause: error });
    throw error;
  });
  const places = new Map<string, { offset: number; bytes: number }>();
  if (zip.entryCount > entryLimit) throw new PickleError(`it has ${zip.entryCount} entries, more than any network`);
  let prefix: string | undefined;
  const entries = new Map<string, { offset: number; bytes: number }>();
  const sums: SummedRun[] = [];
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    if (entry.compressionMethod !== 0) throw new PickleError(`its entry ${entry.fileName} is compressed; torch.save never compresses`);
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    if (fileDataStart + entry.uncompressedSize > size) throw new PickleError(`its entry ${entry.fileName} reaches beyond its end; download it again`);
    entries.set(entry.fileName, { offset: fileDataStart, bytes: entry.uncompressedSize });
    sums.push({ name: entry.fileName, offset: fileDataStart, bytes: entry.uncompressedSize, crc32: entry.crc32 });
    if (/^[^/]+\/data\.pkl$/.test(entry.fileName)) prefix = entry.fileName.slice(0, -'data.pkl'.length);
  }
  if (prefix === undefined) throw new PickleError('it is a zip archive without a data.pkl');
  if ([...entries.keys()].some((name) => name.startsWith(`${prefix}constants.pkl`) || name.startsWith(`${prefix}code/`))) throw new PickleError('it is a TorchScript program; save its state_dict instead');
  const order = entries.get(`${prefix}byteorder`);
  if (order && (await readRange(handle, order.offset, Math.min(16, order.bytes))).toString().trim() === 'big') throw new PickleError('its numbers are big-endian; save it on a little-endian machine');
  for (const [name, place] of entries) if (name.startsWith(`${prefix}data/`)) places.set(name.slice(prefix.length + 5), place);
  const pickle = entries.get(`${prefix}data.pkl`)!;
  if (pickle.bytes > pickleLimit) throw new PickleError('its pickle is larger than any checkpoint needs');
  const { value } = readPickle(await readRange(handle, pickle.offset, pickle.bytes), 0, torchHost(new Map()));
  return { path, format: 'zip', root: value, handle, places, sums: sums.sort((a, b) => a.offset - b.offset) };
}

/** Hands yauzl the bytes it asks for; a damaged directory that points out of the file is an error it can report, not an exception nobody catches. */
class BoundedReader extends RandomAccessReader {
  constructor(private readonly handle: FileHandle, private readonly size: number) {
    super();
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, callback: (error: Error | null) => void): void {
    if (!(position >= 0 && length >= 0 && position + length <= this.size)) {
      callback(new PickleError('its directory points out of the file; download it again'));
      return;
    }
    readRange(this.handle, position, length).then((bytes) => {
      bytes.copy(buffer, offset);
      callback(null);
    }, callback);
  }
}

const legacyMagic = 0x1950a86a20f9469cfc6cn;

/** The stream of PyTorch before 1.6: magic, protocol, system info, the object, the storages' keys, then each storage with its length. */
async function openLegacy(path: string, handle: FileHandle, size: number): Promise<TorchFile> {
  const head = await readRange(handle, 0, Math.min(size, pickleLimit));
  const storages = new Map<string, Storage>();
  const host = torchHost(storages);
  const magic = readPickle(head, 0, host);
  if (magic.value !== legacyMagic) throw new PickleError('it is a pickle, but none that torch.save wrote');
  const protocol = readPickle(head, magic.end, host);
  if (protocol.value !== 1001) throw new PickleError('its protocol version is unknown');
  const system = readPickle(head, protocol.end, host);
  if (system.value instanceof Map && system.value.get('little_endian') === false) throw new PickleError('its numbers are big-endian; save it on a little-endian machine');
  const root = readPickle(head, system.end, host);
  const keys = readPickle(head, root.end, host);
  if (!Array.isArray(keys.value)) throw new PickleError('the list of its storages is missing');
  const places = new Map<string, { offset: number; bytes: number }>();
  let at = keys.end;
  for (const key of keys.value) {
    const storage = storages.get(String(key));
    if (!storage) throw new PickleError(`its storage ${String(key)} belongs to no tensor`);
    const count = Number((await readRange(handle, at, 8)).readBigInt64LE());
    if (count !== storage.length) throw new PickleError(`its storage ${storage.key} holds ${count} values where ${storage.length} are announced`);
    places.set(storage.key, { offset: at + 8, bytes: count * bytesOf[storage.dtype] });
    at += 8 + count * bytesOf[storage.dtype];
    if (at > size) throw new PickleError('it ends before its last tensor; download it again');
  }
  return { path, format: 'legacy', root: root.value, handle, places, sums: [] };
}

/** The names a checkpoint may use. All of them make plain data. */
function torchHost(storages: Map<string, Storage>): PickleHost {
  const known = new Map<string, (args: readonly unknown[]) => unknown>([
    ['collections.OrderedDict', ([items]) => new Map(Array.isArray(items) ? (items as [unknown, unknown][]) : [])],
    ['collections.defaultdict', () => new Map()],
    ['torch._utils._rebuild_tensor_v2', ([storage, offset, shape, strides]) => storedTensor(storage, offset, shape, strides)],
    ['torch._utils._rebuild_tensor', ([storage, offset, shape, strides]) => storedTensor(storage, offset, shape, strides)],
    ['torch._utils._rebuild_parameter', ([tensor]) => tensor],
    ['torch._utils._rebuild_parameter_with_state', ([tensor]) => tensor],
    ['torch.Size', ([shape]) => shape],
    ['torch.device', (args) => args.join(':')],
    ['builtins.set', ([items]) => items ?? []],
    ['__builtin__.set', ([items]) => items ?? []],
    ['builtins.dict', () => new Map()],
    ['torch.serialization._get_layout', ([name]) => name],
  ]);
  return {
    global(module, name) {
      const path = `${module}.${name}`;
      if (known.has(path) || (module === 'torch' && (storageClasses.has(name) || /^(float|double|half|bfloat|int|uint|long|bool)\d*$/.test(name)))) return new PickledGlobal(module, name);
      if (module === 'torch' && /Storage$/.test(name)) throw new PickleError(`it holds ${name} numbers, which no network here uses`);
      if (/_rebuild_(sparse|q|meta|wrapper|device|nested)/.test(name)) throw new PickleError(`it holds a tensor of a kind that is not supported (${path})`);
      throw new PickleError(`it refers to ${path}, which weights never need; it may be malicious and was not run`);
    },
    call(callee, args) {
      const action = callee instanceof PickledGlobal ? known.get(callee.path) : undefined;
      if (!action) throw new PickleError(`it calls ${callee instanceof PickledGlobal ? callee.path : 'a value'}, which weights never need`);
      return action(args);
    },
    persistent(id) {
      if (!Array.isArray(id) || id[0] !== 'storage' || !(id[1] instanceof PickledGlobal)) throw new PickleError('it refers to something outside that is no storage');
      const dtype = id[1].module === 'torch' ? storageClasses.get(id[1].name) : undefined;
      const [key, length] = [String(id[2]), Number(id[4])];
      if (!dtype || !Number.isSafeInteger(length) || length < 0) throw new PickleError('a storage is described wrongly');
      const storage: Storage = storages.get(key) ?? { key, dtype, length };
      storages.set(key, storage);
      return storage;
    },
  };
}

function storedTensor(storage: unknown, offset: unknown, shape: unknown, strides: unknown): StoredTensor {
  const extents = (value: unknown): value is number[] => Array.isArray(value) && value.every((v) => Number.isSafeInteger(v) && (v as number) >= 0);
  if (!isStorage(storage) || !Number.isSafeInteger(offset) || (offset as number) < 0 || !extents(shape) || !extents(strides) || shape.length !== strides.length) {
    throw new PickleError('a tensor is described wrongly');
  }
  const empty = shape.includes(0);
  const last = shape.reduce((sum, extent, i) => sum + (extent - 1) * strides[i]!, offset as number);
  if (!empty && !(last < storage.length)) throw new PickleError(`a tensor of shape (${shape.join(', ')}) reaches beyond its storage of ${storage.length} values`);
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (count > Math.max(storage.length, 1) * 64) throw new PickleError(`a tensor of shape (${shape.join(', ')}) repeats a storage of ${storage.length} values too often`);
  return new StoredTensor(storage, offset as number, shape, strides);
}

function isStorage(value: unknown): value is Storage {
  return typeof value === 'object' && value !== null && 'key' in value && 'dtype' in value && 'length' in value;
}

/** @throws PickleError if the file ends before */
export async function readRange(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) throw new PickleError('it ends too early; download it again');
    done += bytesRead;
  }
  return buffer;
}
