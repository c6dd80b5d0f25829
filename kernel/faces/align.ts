import type { RgbImage } from '../tensor/rgbImage.ts';
import type { Landmarks } from './face.ts';
import { estimateSimilarity, faceTemplate, type Similarity } from './similarity.ts';
import { warpAffine, type Affine } from './warp.ts';

/** What stands outside the picture in a crop, as in the reference (there in BGR). */
const outside = [132, 133, 135] as const;

/** The similarity from the picture to the aligned crop of `size` px. */
export function alignment(landmarks: Landmarks, size: number): Similarity {
  return estimateSimilarity(landmarks, faceTemplate(size));
}

/** Cuts the aligned crop of `size` px out of a picture. */
export function cropFace(image: RgbImage, toCrop: Similarity, size: number): RgbImage {
  const data = warpAffine({ ...image, channels: 3 }, matrixOf(toCrop), { x: 0, y: 0, width: size, height: size }, outside);
  return { width: size, height: size, data };
}

/** The similarity from the same picture scaled; pixel centres are at whole numbers. @param scale pixels of the scaled picture for one of this */
export function fromScaled({ a, b, tx, ty }: Similarity, scale: number): Similarity {
  if (scale === 1) return { a, b, tx, ty };
  const shift = 0.5 / scale - 0.5;
  return { a: a / scale, b: b / scale, tx: tx + shift * (a - b), ty: ty + shift * (a + b) };
}

export function matrixOf({ a, b, tx, ty }: Similarity): Affine {
  return [a, -b, tx, b, a, ty];
}
