import type { Tensor } from '../tensor/tensor.ts';

/** Root mean square of the difference of all values. @throws RangeError when the sizes differ */
export function distance(a: Tensor, b: Tensor): number {
  if (a.data.length !== b.data.length) throw new RangeError(`tensors of (${a.shape.join(', ')}) and (${b.shape.join(', ')}) cannot be compared`);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i]! - b.data[i]!) ** 2;
  return Math.sqrt(sum / a.data.length);
}

/** Luma (ITU-R BT.601 weights) of a picture in [-1, 1] in the units of 8 bit, 0..255, not rounded. */
export function lumaPlane({ data }: Tensor): Float64Array {
  const plane = new Float64Array(data.length / 3);
  for (let i = 0; i < plane.length; i++) {
    plane[i] = 127.5 * (1 + 0.299 * data[i]! + 0.587 * data[plane.length + i]! + 0.114 * data[2 * plane.length + i]!);
  }
  return plane;
}
