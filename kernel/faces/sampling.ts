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
 * Samples a square as (1, 3, size, size), black outside the picture; where it shrinks, each output pixel averages a grid of samples.
 * @param scale, offset output = sample (0..255) * scale + offset
 */
export function sampleSquare(image: RgbImage, square: Square, size: number, scale: number, offset: number): Tensor {
  const { width, height, data } = image;
  const step = square.side / size;
  const fine = Math.min(6, Math.max(1, Math.round(step)));
  const [c, s] = [Math.cos(square.angle), Math.sin(square.angle)];
  const plane = size * size;
  const out = new Float32Array(3 * plane).fill(offset);
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      let [r, g, b] = [0, 0, 0];
      for (let v = 0; v < fine; v++) {
        for (let u = 0; u < fine; u++) {
          const dx = (i + (u + 0.5) / fine - size / 2) * step;
          const dy = (j + (v + 0.5) / fine - size / 2) * step;
          const x = square.x + dx * c - dy * s;
          const y = square.y + dx * s + dy * c;
          const x0 = Math.floor(x);
          const y0 = Math.floor(y);
          if (x0 < 0 || y0 < 0 || x0 >= width || y0 >= height) continue;
          const x1 = Math.min(width - 1, x0 + 1);
          const y1 = Math.min(height - 1, y0 + 1);
          const fx = x - x0;
          const fy = y - y0;
          const [p, q, m, n] = [3 * (y0 * width + x0), 3 * (y0 * width + x1), 3 * (y1 * width + x0), 3 * (y1 * width + x1)];
          const [wp, wq, wm, wn] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
          r += wp * data[p]! + wq * data[q]! + wm * data[m]! + wn * data[n]!;
          g += wp * data[p + 1]! + wq * data[q + 1]! + wm * data[m + 1]! + wn * data[n + 1]!;
          b += wp * data[p + 2]! + wq * data[q + 2]! + wm * data[m + 2]! + wn * data[n + 2]!;
        }
      }
      const k = scale / (fine * fine);
      const at = j * size + i;
      out[at] = r * k + offset;
      out[plane + at] = g * k + offset;
      out[2 * plane + at] = b * k + offset;
    }
  }
  return tensor(out, [1, 3, size, size]);
}

/** A point given in 0..1 of a square, in pixels of the picture. */
export function fromSquare({ x, y, side, angle }: Square, u: number, v: number): { x: number; y: number } {
  const [dx, dy] = [(u - 0.5) * side, (v - 0.5) * side];
  return { x: x + dx * Math.cos(angle) - dy * Math.sin(angle), y: y + dx * Math.sin(angle) + dy * Math.cos(angle) };
}
