import { readFile } from 'node:fs/promises';
import { KernelFailure, messageOf } from '../failure.ts';
import { fromFloat16 } from './float16.ts';
import { sizeOf, tensor, type Tensor } from './tensor.ts';

type NpyData = Float32Array | Float64Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array | Uint16Array;

/** An array in NumPy's file format (NEP 1), C order. Of halves, '<f2', `data` is what they are worth as float32. */
export interface NpyArray {
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  readonly data: NpyData;
}

/** The name NumPy has for a kind of numbers: byte order, kind, bytes for each. */
export type NpyDtype = keyof typeof decoders;

const decoders = {
  '<f2': (bytes: ArrayBuffer): NpyData => fromFloat16(new Uint16Array(bytes)),
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
  const length = sizeOf(shape) * bytesOf(dtype);
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

/** Bytes of one number. */
export function bytesOf(dtype: NpyDtype): number {
  return Number(dtype[2]);
}

/** What stands before the numbers in a .npy file, version 1.0, padded so that they begin at a multiple of 64 bytes. */
export function npyHeader(dtype: NpyDtype, shape: readonly number[]): Uint8Array {
  const text = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n';
  return Buffer.concat([Buffer.from([...magic, 1, 0, header.length & 255, header.length >> 8]), Buffer.from(header, 'latin1')]);
}

/** A float32 tensor as the bytes of a .npy file. */
export function npyBytes({ data, shape }: Tensor): Uint8Array {
  return Buffer.concat([npyHeader('<f4', shape), new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}

/** Widens or narrows any dtype to float32. */
export function toTensor({ data, shape }: NpyArray): Tensor {
  return tensor(data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>, Number), shape);
}
