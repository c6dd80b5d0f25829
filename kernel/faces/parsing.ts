import type { RgbImage } from '../tensor/rgbImage.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';
import { parsedSide, type Labels } from './mask.ts';
import { resizeLinear } from './resize.ts';

/** The network: (1, 3, 512, 512) in [-1, 1] -> the class of each pixel, (1, 512, 512). */
export type Parse = (face: Tensor) => Promise<Tensor>;

/** Tells the parts of an aligned face, restored or not, of any size. */
export async function parseFace(face: RgbImage, parse: Parse): Promise<Labels> {
  const { data } = face.width === parsedSide ? face : resizeLinear(face, parsedSide, parsedSide);
  const plane = parsedSide * parsedSide;
  const values = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) values[c * plane + i] = (Math.fround(data[3 * i + c]! / 255) - 0.5) / 0.5;
  }
  return Uint8Array.from((await parse(tensor(values, [1, 3, parsedSide, parsedSide]))).data);
}
