import type { RgbImage } from '../tensor/rgbImage.ts';
import { powerByFrequency } from './fourier.ts';
import { luma } from './luma.ts';

/**
 * Mean power of the luma's detail: all spatial frequencies whose period is shorter than `period` pixels, from the Fourier spectrum
 * under a Hann window. Detail that was lost lowers it, detail that was invented raises it: a blurred result cannot hide behind its PSNR.
 * @param image square, of any side
 * @returns mean square in (0..255)^2
 * @throws RangeError for a picture that is not square
 */
export function highFrequencyPower(image: RgbImage, period: number): number {
  if (image.height !== image.width) throw new RangeError(`a square picture is needed, not ${image.width}x${image.height} px`);
  let power = 0;
  powerByFrequency(luma(image), image.width, (frequency, share) => {
    if (frequency > 1 / period) power += share;
  });
  return power;
}
