import { KernelFailure, messageOf } from '../failure.ts';
import { bytesOf, decodeValues, type DType, type Values } from './dtype.ts';
import { PickleError } from './pickle.ts';
import { openTorchFile, readRange, StoredTensor, type SummedRun, type TorchFile } from './torchFile.ts';

export type { DType, Values } from './dtype.ts';
export type { SummedRun } from './torchFile.ts';

export interface TensorEntry {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** The tensors of a checkpoint by name. Values are read from the file when they are asked for. */
export interface StateDict {
  readonly path: string;
  readonly format: TorchFile['format'];
  /** Keys after unwrapping and without `module.`, in the file's order. */
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /** Where the dict was found: 'top level', "['params_ema']", ... */
  readonly where: string;
  /** Runs of bytes of the file whose CRC-32 it says itself, in its order. */
  readonly sums: readonly SummedRun[];
  /** C order, any dtype as float32. */
  readFloat32(key: string): Promise<Float32Array>;
  /** C order; float16 and bfloat16 widened to float32, bool as 0 and 1. */
  readValues(key: string): Promise<Values>;
  close(): Promise<void>;
}

/** Wrappers that training scripts put around a state dict, the preferred one first. */
const wrappers = ['params_ema', 'params', 'state_dict', 'model_state_dict', 'ema', 'model', 'net', 'generator', 'g_ema'];

/**
 * Opens the state dict of a PyTorch checkpoint, through wrappers and without the `module.` of parallel training.
 * @throws KernelFailure('checkpoint') saying what is wrong with the file
 */
export async function openStateDict(path: string): Promise<StateDict> {
  const file = await openTorchFile(path);
  try {
    const found = findTensors(file.root);
    if (!found) throw new PickleError('no dict of named tensors was found in it');
    const { where, tensors } = found;
    const named = new Map<string, StoredTensor>();
    const parallel = [...tensors.keys()].every((key) => key.startsWith('module.'));
    for (const [key, tensor] of tensors) named.set(parallel ? key.slice('module.'.length) : key, tensor);
    for (const [key, tensor] of named) checkStorage(file, key, tensor);
    return new TorchStateDict(file, where, named);
  } catch (error) {
    await file.handle.close();
    if (error instanceof PickleError) throw new KernelFailure('checkpoint', `${path} holds no weights that can be read: ${error.message}`, { cause: error });
    throw error;
  }
}

interface Found {
  readonly where: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** A dict may hold itself, so that the search must end somewhere; training scripts wrap once or twice. */
const deepestWrapper = 4;

/** A wrapper goes before tensors that lie beside it, such as a step count; below the top only wrappers are opened, so that no optimizer's state passes for weights. */
function findTensors(root: unknown, path: readonly string[] = []): Found | undefined {
  if (!(root instanceof Map)) return undefined;
  if (path.length < deepestWrapper) {
    for (const name of wrappers) {
      const found = findTensors(root.get(name), [...path, name]);
      if (found) return found;
    }
  }
  const tensors = tensorsOf(root);
  if (tensors.size > 0) return { where: path.length === 0 ? 'top level' : path.map((name) => `['${name}']`).join(''), tensors };
  if (path.length > 0) return undefined;
  for (const [name, value] of root) {
    const found = findTensors(value, [String(name)]);
    if (found) return found;
  }
  return undefined;
}

function tensorsOf(value: unknown): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  if (value instanceof Map) for (const [key, item] of value) if (item instanceof StoredTensor) tensors.set(String(key), item);
  return tensors;
}

function checkStorage(file: TorchFile, key: string, { storage }: StoredTensor): void {
  const place = file.places.get(storage.key);
  if (!place) throw new PickleError(`the values of '${key}' are missing from the file; download it again`);
  if (place.bytes < storage.length * bytesOf[storage.dtype]) {
    throw new PickleError(`'${key}' needs ${storage.length * bytesOf[storage.dtype]} bytes and the file holds ${place.bytes} of them; download it again`);
  }
}

class TorchStateDict implements StateDict {
  readonly path: string;
  readonly format: TorchFile['format'];
  readonly entries: ReadonlyMap<string, TensorEntry>;
  readonly sums: readonly SummedRun[];

  constructor(private readonly file: TorchFile, readonly where: string, private readonly tensors: ReadonlyMap<string, StoredTensor>) {
    this.path = file.path;
    this.format = file.format;
    this.sums = file.sums;
    this.entries = new Map([...tensors].map(([key, { storage, shape }]) => [key, { dtype: storage.dtype, shape }]));
  }

  async readFloat32(key: string): Promise<Float32Array> {
    const values = await this.readValues(key);
    return values instanceof Float32Array ? values : Float32Array.from(values as ArrayLike<number>, Number);
  }

  async readValues(key: string): Promise<Values> {
    const tensor = this.tensors.get(key);
    if (!tensor) throw new KernelFailure('checkpoint', `${this.path} has no tensor '${key}'`);
    const { storage, offset, shape, strides } = tensor;
    const width = bytesOf[storage.dtype];
    const place = this.file.places.get(storage.key)!;
    const count = shape.reduce((product, extent) => product * extent, 1);
    if (count === 0) return decodeValues(storage.dtype, new Uint8Array(0));
    const span = shape.reduce((sum, extent, i) => sum + (extent - 1) * strides[i]!, 1);
    const bytes = await this.read(place.offset + offset * width, span * width, key);
    const stored = decodeValues(storage.dtype, bytes);
    return isContiguous(shape, strides) ? stored : gather(stored, shape, strides, count);
  }

  close(): Promise<void> {
    return this.file.handle.close();
  }

  private async read(offset: number, length: number, key: string): Promise<Buffer> {
    try {
      return await readRange(this.file.handle, offset, length);
    } catch (error) {
      throw new KernelFailure('checkpoint', `${this.path} cannot be read at '${key}': ${messageOf(error)}`, { cause: error });
    }
  }
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== expected) return false;
    expected *= shape[i]!;
  }
  return true;
}

/** Copies a strided view into C order. */
function gather(stored: Values, shape: readonly number[], strides: readonly number[], count: number): Values {
  const out = new (stored.constructor as new (length: number) => Values)(count);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < count; to++) {
    out[to] = stored[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
