import type { RgbImage } from '../tensor/rgbImage.ts';

/** Luma of an 8-bit picture, 0..255 (ITU-R BT.601 weights), row by row. */
export function luma(image: RgbImage): Float64Array {
  const plane = new Float64Array(image.width * image.height);
  for (let i = 0; i < plane.length; i++) {
    plane[i] = 0.299 * image.data[3 * i]! + 0.587 * image.data[3 * i + 1]! + 0.114 * image.data[3 * i + 2]!;
  }
  return plane;
}
