import type { RgbImage } from '../tensor/rgbImage.ts';
import { roundHalfEven } from '../tensor/rounding.ts';
import { resizeLinear } from './resize.ts';

/** Shorter side of the pictures that the reference restores, and of those in which it looks for faces. Smaller ones are enlarged, larger ones stay. */
const shortestSide = 512;
const shortestToLookAt = 640;
/** Narrow strips are not enlarged beyond this: nothing that they hold would be worth it. */
const mostPixels = 16e6;

/** How much the reference enlarges a picture before anything else. */
export function enlargement({ width, height }: Pick<RgbImage, 'width' | 'height'>): number {
  return Math.max(1, shortestSide / Math.min(width, height));
}

/** A picture at the size in which faces are looked for, and how many of its pixels are one of the picture's. */
export interface WorkingPicture {
  readonly picture: RgbImage;
  readonly scale: number;
}

/** Enlarges a small picture as the reference does it, in two steps. */
export function workingPicture(image: RgbImage): WorkingPicture {
  const first = enlargement(image);
  if (image.width * image.height * (first * (shortestToLookAt / shortestSide)) ** 2 > mostPixels && Math.min(image.width, image.height) < shortestToLookAt) return { picture: image, scale: 1 };
  const large = first === 1 ? image : resizeLinear(image, roundHalfEven(image.width * first), roundHalfEven(image.height * first), 1 / first);
  const second = Math.max(1, shortestToLookAt / Math.min(large.width, large.height));
  const picture = second === 1 ? large : resizeLinear(large, Math.trunc(large.width * second), Math.trunc(large.height * second));
  return { picture, scale: first * second };
}
