import type { RgbImage } from '../tensor/rgbImage.ts';
import { luma } from './luma.ts';

/**
 * Mean power of the luma's detail: all spatial frequencies whose period is shorter than `period` pixels, from the Fourier spectrum
 * under a Hann window. Detail that was lost lowers it, detail that was invented raises it: a blurred result cannot hide behind its PSNR.
 * @param image square, side a power of two
 * @returns mean square in (0..255)^2
 * @throws RangeError for other sizes
 */
export function highFrequencyPower(image: RgbImage, period: number): number {
  const n = image.width;
  if (image.height !== n || (n & (n - 1)) !== 0) throw new RangeError(`a square picture with a power of two as side is needed, not ${n}x${image.height} px`);
  const re = luma(image);
  const im = new Float64Array(n * n);
  const mean = re.reduce((sum, value) => sum + value, 0) / re.length;
  const hann = Float64Array.from({ length: n }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / n));
  let gain = 0;
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const weight = hann[y]! * hann[x]!;
      re[y * n + x] = (re[y * n + x]! - mean) * weight;
      gain += weight * weight;
    }
  }
  for (let y = 0; y < n; y++) fourier(re, im, y * n, 1, n);
  for (let x = 0; x < n; x++) fourier(re, im, x, n, n);
  let power = 0;
  for (let v = 0; v < n; v++) {
    for (let u = 0; u < n; u++) {
      const frequency = Math.hypot(Math.min(u, n - u), Math.min(v, n - v)) / n;
      if (frequency > 1 / period) power += re[v * n + u]! ** 2 + im[v * n + u]! ** 2;
    }
  }
  return power / (n * n) / gain;                                       // Parseval, and what the window took away
}

/** Radix-2 Fourier transform in place of `n` values, `stride` apart (Cooley and Tukey 1965). */
function fourier(re: Float64Array, im: Float64Array, offset: number, stride: number, n: number): void {
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      swap(re, offset + i * stride, offset + j * stride);
      swap(im, offset + i * stride, offset + j * stride);
    }
  }
  for (let length = 2; length <= n; length *= 2) {
    for (let start = 0; start < n; start += length) {
      for (let k = 0; k < length / 2; k++) {
        const angle = (-2 * Math.PI * k) / length;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        const p = offset + (start + k) * stride;
        const q = p + (length / 2) * stride;
        const tr = re[q]! * c - im[q]! * s;
        const ti = re[q]! * s + im[q]! * c;
        re[q] = re[p]! - tr;
        im[q] = im[p]! - ti;
        re[p] = re[p]! + tr;
        im[p] = im[p]! + ti;
      }
    }
  }
}

function swap(values: Float64Array, i: number, j: number): void {
  const value = values[i]!;
  values[i] = values[j]!;
  values[j] = value;
}
