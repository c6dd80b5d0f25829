import type { RgbImage } from '../tensor/rgbImage.ts';
import { luma } from './luma.ts';

/**
 * Flicker of a face: root mean square of the change from frame to frame of (result - truth), in face coordinates, 0..255.
 * Taking the truth away removes the motion; what changes beyond it was put there by the restoration.
 * A blurred result flickers less too: print `highFrequencyPower` beside it.
 * @param results aligned crops of consecutive frames; at least 2
 * @param truths the same crops of the ground truth
 */
export function flicker(results: readonly RgbImage[], truths: readonly RgbImage[]): number {
  if (results.length < 2 || results.length !== truths.length) throw new RangeError('flicker needs two or more frames and as many of the truth');
  let sum = 0;
  let count = 0;
  let previous: Float64Array | undefined;
  for (const [i, result] of results.entries()) {
    const a = luma(result);
    const b = luma(truths[i]!);
    const error = a.map((value, k) => value - b[k]!);
    if (previous) {
      for (let k = 0; k < error.length; k++) sum += (error[k]! - previous[k]!) ** 2;
      count += error.length;
    }
    previous = error;
  }
  return Math.sqrt(sum / count);
}
