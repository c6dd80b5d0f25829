import type { TensorHeader } from '../protocol.ts';

/** Values of a picture or a state, channel by channel, in the sampler's range. Half floats stay as they came: they need half the memory and paint by table. */
export interface Tensor {
  readonly values: Float32Array | Uint16Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** What each of the 65536 half floats (IEEE 754 binary16) stands for. */
export const halfFloats: Float32Array = Float32Array.from({ length: 65_536 }, (_, bits) => fromHalf(bits));

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** @throws Error when the bytes are not as many as the header says */
export function readTensor({ dtype, shape: [channels, height, width] }: TensorHeader, bytes: ArrayBuffer): Tensor {
  const expected = channels * height * width * (dtype === 'float16' ? 2 : 4);
  if (bytes.byteLength !== expected) throw new Error(`The state has ${bytes.byteLength} bytes and should have ${expected}.`);
  return { values: dtype === 'float16' ? new Uint16Array(bytes) : new Float32Array(bytes), channels, height, width };
}

/** All values as numbers one can calculate with. */
export function floatsOf({ values }: Tensor): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values, (bits) => halfFloats[bits]!);
}

/** The channels' values at a pixel. */
export function valuesAt({ values, channels, height, width }: Tensor, x: number, y: number): readonly number[] {
  return Array.from({ length: channels }, (_, channel) => {
    const value = values[(channel * height + y) * width + x]!;
    return values instanceof Float32Array ? value : halfFloats[value]!;
  });
}

/** Smallest and largest value. */
export function extremesOf(tensor: Tensor): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of floatsOf(tensor)) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
