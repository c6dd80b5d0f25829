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
  const changes = new ErrorChanges();
  let sum = 0;
  for (const [i, result] of results.entries()) sum += changes.add(result, truths[i]!) ?? 0;
  return Math.sqrt(sum / (results.length - 1));
}

/** The same frame by frame, for clips of any length. */
export class ErrorChanges {
  private previous: Float64Array | undefined;

  /** @returns mean square of how (result - truth) changed from the frame before; undefined for the first */
  add(result: RgbImage, truth: RgbImage): number | undefined {
    const b = luma(truth);
    const error = luma(result).map((value, k) => value - b[k]!);
    const { previous } = this;
    this.previous = error;
    if (!previous) return undefined;
    let sum = 0;
    for (let k = 0; k < error.length; k++) sum += (error[k]! - previous[k]!) ** 2;
    return sum / error.length;
  }
}
