import { readFile } from 'node:fs/promises';
import { KernelFailure, messageOf } from '../failure.ts';
import { sizeOf, tensor, type Tensor } from './tensor.ts';

type NpyData = Float32Array | Float64Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array | Uint16Array;

/** An array in NumPy's file format (NEP 1), C order. */
export interface NpyArray {
  readonly dtype: keyof typeof decoders;
  readonly shape: readonly number[];
  readonly data: NpyData;
}

const decoders = {
  '<f4': (bytes: ArrayBuffer): NpyData => new Float32Array(bytes),
  '<f8': (bytes: ArrayBuffer): NpyData => new Float64Array(bytes),
  '<i8': (bytes: ArrayBuffer): NpyData => new BigInt64Array(bytes),
  '<i4': (bytes: ArrayBuffer): NpyData => new Int32Array(bytes),
  '<i2': (bytes: ArrayBuffer): NpyData => new Int16Array(bytes),
  '|i1': (bytes: ArrayBuffer): NpyData => new Int8Array(bytes),
  '|u1': (bytes: ArrayBuffer): NpyData => new Uint8Array(bytes),
  '|b1': (bytes: ArrayBuffer): NpyData => new Uint8Array(bytes),
  '<u2': (bytes: ArrayBuffer): NpyData => new Uint16Array(bytes),
} as const;

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;

/**
 * Parses the bytes of a .npy file, format versions 1 to 3.
 * @throws KernelFailure('input') for anything else, Fortran order and other dtypes included; `name` is named in it
 */
export function parseNpy(bytes: Uint8Array, name = 'the array'): NpyArray {
  const fail = (cause: string): never => {
    throw new KernelFailure('input', `${name} cannot be read as a .npy file: ${cause}`);
  };
  if (bytes.length < 12 || magic.some((value, i) => bytes[i] !== value)) fail('its signature is missing');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const prefix = bytes[6] === 1 ? 10 : 12;
  const headerLength = bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (prefix + headerLength > bytes.length) fail('it ends within its header');
  const header = Buffer.from(bytes.subarray(prefix, prefix + headerLength)).toString('latin1');
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? '';
  const extents = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (!(descr in decoders)) fail(`the dtype '${descr}' is not supported`);
  if (/'fortran_order':\s*True/.test(header)) fail('it is in Fortran order');
  if (extents === undefined) return fail('its header has no shape');
  const shape = extents.split(',').map((part) => part.trim()).filter((part) => part !== '').map(Number);
  if (shape.some((extent) => !Number.isSafeInteger(extent) || extent < 0)) fail('its shape is damaged');
  const dtype = descr as keyof typeof decoders;
  const length = sizeOf(shape) * Number(dtype[2]);
  const start = prefix + headerLength;
  if (bytes.length - start < length) fail(`${length} bytes of data are announced and ${bytes.length - start} are there`);
  return { dtype, shape, data: decoders[dtype](new Uint8Array(bytes.subarray(start, start + length)).buffer) };
}

/** @throws KernelFailure('input') naming the file */
export async function readNpy(path: string): Promise<NpyArray> {
  try {
    return parseNpy(await readFile(path), path);
  } catch (error) {
    if (error instanceof KernelFailure) throw error;
    throw new KernelFailure('input', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** A float32 tensor as the bytes of a .npy file, version 1.0. */
export function npyBytes({ data, shape }: Tensor): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n';
  const out = Buffer.alloc(10 + header.length + data.byteLength);
  out.set([...magic, 1, 0, header.length & 255, header.length >> 8]);
  out.write(header, 10, 'latin1');
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return out;
}

/** Widens or narrows any dtype to float32. */
export function toTensor({ data, shape }: NpyArray): Tensor {
  return tensor(data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>, Number), shape);
}
