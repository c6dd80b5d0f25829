import type { RgbImage } from './rgbImage.ts';
import { tensor, type Tensor } from './tensor.ts';

/** An 8-bit picture as a tensor (1, 3, H, W) in [0, 1]. */
export function rgbToTensor({ width, height, data }: RgbImage): Tensor {
  const plane = width * height;
  const out = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    out[i] = data[3 * i]! / 255;
    out[plane + i] = data[3 * i + 1]! / 255;
    out[2 * plane + i] = data[3 * i + 2]! / 255;
  }
  return tensor(out, [1, 3, height, width]);
}

/**
 * One picture of a tensor (B, 3, H, W) or (3, H, W) with values in [0, 1] as 8 bit: 255 x rounded half to even, clipped.
 * @param index which of the batch
 */
export function tensorToRgb({ data, shape }: Tensor, index = 0): RgbImage {
  const [channels, height, width] = shape.slice(-3) as [number, number, number];
  if (channels !== 3) throw new RangeError(`a picture has 3 channels, not ${channels}`);
  const plane = width * height;
  const from = 3 * plane * index;
  const out = new Uint8ClampedArray(3 * plane);                          // clips, and rounds half to even (ECMAScript's ToUint8Clamp)
  for (let c = 0; c < 3; c++) {
    for (let i = 0, at = from + c * plane; i < plane; i++) out[3 * i + c] = Math.fround(data[at + i]! * 255);
  }
  return { width, height, data: new Uint8Array(out.buffer) };
}

/** Joins tensors (1, ...) to a batch. @throws RangeError if their shapes differ */
export function stack(tensors: readonly Tensor[]): Tensor {
  const first = tensors[0];
  if (!first || tensors.some(({ shape }) => shape.join() !== first.shape.join())) throw new RangeError('only tensors of one shape can be stacked');
  const data = new Float32Array(first.data.length * tensors.length);
  for (const [i, { data: part }] of tensors.entries()) data.set(part, i * part.length);
  return tensor(data, [tensors.length * first.shape[0]!, ...first.shape.slice(1)]);
}
