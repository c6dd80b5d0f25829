import type { RgbImage } from '../tensor/rgbImage.ts';
import { luma } from './luma.ts';

/**
 * Peak signal-to-noise ratio over all RGB samples, in dB; Infinity for equal pictures.
 * @throws RangeError if the sizes differ
 */
export function psnr(image: RgbImage, truth: RgbImage): number {
  sameSize(image, truth);
  let sum = 0;
  for (let i = 0; i < truth.data.length; i++) sum += (image.data[i]! - truth.data[i]!) ** 2;
  return sum === 0 ? Infinity : 10 * Math.log10((255 ** 2 * truth.data.length) / sum);
}

/**
 * Structural similarity of the luma, mean over the picture: Wang et al. 2004 with their 11x11 Gaussian window (sigma 1.5),
 * K1 = 0.01, K2 = 0.03, windows wholly inside the picture.
 * @throws RangeError if the sizes differ or a side is below 11 px
 */
export function ssim(image: RgbImage, truth: RgbImage): number {
  sameSize(image, truth);
  const { width, height } = truth;
  if (width < 11 || height < 11) throw new RangeError('SSIM needs pictures of at least 11x11 px');
  let sum = 0;
  for (let top = 0; top < height - 10; top += bandHeight) sum += windowSums(band(image, top), band(truth, top));
  return sum / ((width - 10) * (height - 10));
}

/** Rows of windows at a time: a large photo's planes would take gigabytes. */
const bandHeight = 256;

/** The rows that the windows of a band need. */
function band({ width, height, data }: RgbImage, top: number): RgbImage {
  const bottom = Math.min(height, top + bandHeight + 10);
  return { width, height: bottom - top, data: data.subarray(3 * width * top, 3 * width * bottom) };
}

/** Sum of the similarities of all windows. */
function windowSums(image: RgbImage, truth: RgbImage): number {
  const { width, height } = truth;
  const a = luma(image);
  const b = luma(truth);
  const [meanA, meanB] = [windowMean(a, width, height), windowMean(b, width, height)];
  const [squareA, squareB, product] = [a.map((v) => v * v), b.map((v) => v * v), a.map((v, i) => v * b[i]!)].map((plane) => windowMean(plane, width, height)) as [Float64Array, Float64Array, Float64Array];
  const c1 = (0.01 * 255) ** 2;
  const c2 = (0.03 * 255) ** 2;
  let sum = 0;
  for (let i = 0; i < meanA.length; i++) {
    const [ma, mb] = [meanA[i]!, meanB[i]!];
    const covariance = product[i]! - ma * mb;
    const variances = squareA[i]! - ma * ma + squareB[i]! - mb * mb;
    sum += ((2 * ma * mb + c1) * (2 * covariance + c2)) / ((ma * ma + mb * mb + c1) * (variances + c2));
  }
  return sum;
}

const window = Float64Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / (2 * 1.5 ** 2)));
const windowSum = window.reduce((sum, weight) => sum + weight, 0);

/** Gaussian-weighted mean of every 11x11 window: (height - 10) x (width - 10) values. */
function windowMean(plane: Float64Array, width: number, height: number): Float64Array {
  const rows = new Float64Array((width - 10) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width - 10; x++) {
      let sum = 0;
      for (let k = 0; k < 11; k++) sum += window[k]! * plane[y * width + x + k]!;
      rows[y * (width - 10) + x] = sum / windowSum;
    }
  }
  const means = new Float64Array((width - 10) * (height - 10));
  for (let y = 0; y < height - 10; y++) {
    for (let x = 0; x < width - 10; x++) {
      let sum = 0;
      for (let k = 0; k < 11; k++) sum += window[k]! * rows[(y + k) * (width - 10) + x]!;
      means[y * (width - 10) + x] = sum / windowSum;
    }
  }
  return means;
}

function sameSize(a: RgbImage, b: RgbImage): void {
  if (a.width !== b.width || a.height !== b.height) throw new RangeError(`pictures of ${a.width}x${a.height} and ${b.width}x${b.height} px cannot be compared`);
}
