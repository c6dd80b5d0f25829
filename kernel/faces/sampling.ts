import type { RgbImage } from '../tensor/rgbImage.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';

/** A square of the picture, turned by `angle` (radians, clockwise on screen) around its centre; it may reach beyond the picture. */
export interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
  readonly angle: number;
}

/**
 * Samples a square as (1, 3, size, size), black outside the picture: between four pixels where it enlarges; where it shrinks, each output pixel is the mean
 * of a grid of the nearest pixels.
 * @param scale, offset output = sample (0..255) * scale + offset
 */
export function sampleSquare(image: RgbImage, square: Square, size: number, scale: number, offset: number): Tensor {
  const out = new Float32Array(3 * size * size).fill(offset);
  const fine = Math.min(6, Math.round(square.side / size));
  if (fine < 2) interpolate(image, square, size, scale, offset, out);
  else average(image, square, size, fine, scale, out);
  return tensor(out, [1, 3, size, size]);
}

function interpolate({ width, height, data }: RgbImage, square: Square, size: number, scale: number, offset: number, out: Float32Array): void {
  const step = square.side / size;
  const c = Math.cos(square.angle) * step;
  const s = Math.sin(square.angle) * step;
  const plane = size * size;
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      const dx = i + 0.5 - size / 2;
      const dy = j + 0.5 - size / 2;
      const x = square.x + dx * c - dy * s;
      const y = square.y + dx * s + dy * c;
      const x0 = Math.floor(x);
      const y0 = Math.floor(y);
      if (x0 < 0 || y0 < 0 || x0 >= width || y0 >= height) continue;
      const fx = x - x0;
      const fy = y - y0;
      const p = 3 * (y0 * width + x0);
      const q = x0 + 1 < width ? p + 3 : p;
      const down = y0 + 1 < height ? 3 * width : 0;
      for (let k = 0; k < 3; k++) {
        const above = (1 - fx) * data[p + k]! + fx * data[q + k]!;
        const below = (1 - fx) * data[p + down + k]! + fx * data[q + down + k]!;
        out[k * plane + j * size + i] = ((1 - fy) * above + fy * below) * scale + offset;
      }
    }
  }
}

function average({ width, height, data }: RgbImage, square: Square, size: number, fine: number, scale: number, out: Float32Array): void {
  const step = square.side / size / fine;
  const c = Math.cos(square.angle) * step;
  const s = Math.sin(square.angle) * step;
  const plane = size * size;
  const half = (size * fine) / 2;
  const share = scale / (fine * fine);
  for (let j = 0; j < size * fine; j++) {
    const dy = j + 0.5 - half;
    const row = Math.floor(j / fine) * size;
    for (let i = 0; i < size * fine; i++) {
      const dx = i + 0.5 - half;
      const x = Math.round(square.x + dx * c - dy * s);
      const y = Math.round(square.y + dx * s + dy * c);
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const p = 3 * (y * width + x);
      const at = row + Math.floor(i / fine);
      out[at]! += data[p]! * share;
      out[plane + at]! += data[p + 1]! * share;
      out[2 * plane + at]! += data[p + 2]! * share;
    }
  }
}

/** A point given in 0..1 of a square, in pixels of the picture. */
export function fromSquare({ x, y, side, angle }: Square, u: number, v: number): { x: number; y: number } {
  const [dx, dy] = [(u - 0.5) * side, (v - 0.5) * side];
  return { x: x + dx * Math.cos(angle) - dy * Math.sin(angle), y: y + dx * Math.sin(angle) + dy * Math.cos(angle) };
}
