import type { RgbImage } from '../tensor/rgbImage.ts';

const bins = 32;
/** Share of the picture whose brightness must have moved to other bins. */
const threshold = 0.5;

/** Notices a change of scene by the histogram of luma, frame by frame. */
export class SceneCuts {
  private previous: Float64Array | undefined;

  /** @returns true when this frame belongs to another scene than the one before */
  add(frame: RgbImage): boolean {
    const histogram = lumaHistogram(frame);
    const before = this.previous;
    this.previous = histogram;
    if (!before) return false;
    let moved = 0;
    for (let i = 0; i < bins; i++) moved += Math.abs(histogram[i]! - before[i]!) / 2;
    return moved > threshold;
  }
}

/** From about ten thousand samples of the frame; sums to 1. */
function lumaHistogram({ width, height, data }: RgbImage): Float64Array {
  const histogram = new Float64Array(bins);
  const step = Math.max(1, Math.floor(Math.sqrt((width * height) / 10_000)));
  let count = 0;
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) {
      const p = 3 * (y * width + x);
      const luma = 0.299 * data[p]! + 0.587 * data[p + 1]! + 0.114 * data[p + 2]!;
      histogram[Math.min(bins - 1, Math.floor((luma / 256) * bins))]!++;
      count++;
    }
  }
  return histogram.map((value) => value / count);
}
