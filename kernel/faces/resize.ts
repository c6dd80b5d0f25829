import type { RgbImage } from '../tensor/rgbImage.ts';
import { roundHalfEven } from '../tensor/rounding.ts';

/** Taps of one output sample along an axis; weights are integers that sum to 2048, as OpenCV keeps them for 8-bit pictures. */
interface Taps {
  readonly positions: Int32Array;
  readonly weights: Int32Array;
}

/** OpenCV's INTER_LINEAR of 8-bit pictures. `scale` is input over output pixels where it is known more exactly than the sizes tell. */
export function resizeLinear(image: RgbImage, width: number, height: number, scale?: number): RgbImage {
  const columns = taps(image.width, width, scale, 2, (f) => [1 - f, f], true);
  const rows = taps(image.height, height, scale, 2, (f) => [1 - f, f], true);
  return resize(image, width, height, columns, rows, (values, weights) => ((((weights[0]! * (values[0]! >> 4)) >> 16) + ((weights[1]! * (values[1]! >> 4)) >> 16) + 2) >> 2));
}

/** OpenCV's INTER_LANCZOS4 of 8-bit pictures: eight taps along each axis. So far only the parity runner enlarges whole pictures with it. */
export function resizeLanczos4(image: RgbImage, width: number, height: number): RgbImage {
  const columns = taps(image.width, width, undefined, 8, lanczos4, false);
  const rows = taps(image.height, height, undefined, 8, lanczos4, false);
  return resize(image, width, height, columns, rows, (values, weights) => {
    let sum = 0;
    for (let k = 0; k < 8; k++) sum += values[k]! * weights[k]!;
    return Math.min(255, Math.max(0, Math.floor((sum + 2 ** 21) / 2 ** 22)));
  });
}

function taps(from: number, to: number, scale: number | undefined, count: number, weigh: (fraction: number) => readonly number[], clampFraction: boolean): readonly Taps[] {
  const step = scale ?? from / to;
  return Array.from({ length: to }, (_, i) => {
    const centre = Math.fround((i + 0.5) * step - 0.5);
    let first = Math.floor(centre);
    let fraction = Math.fround(centre - first);
    if (clampFraction && first < 0) [first, fraction] = [0, 0];
    if (clampFraction && first >= from - 1) [first, fraction] = [from - 1, 0];
    const positions = Int32Array.from({ length: count }, (_unused, k) => Math.min(from - 1, Math.max(0, first + k - (count / 2 - 1))));
    return { positions, weights: Int32Array.from(weigh(fraction), (weight) => roundHalfEven(Math.fround(weight * 2048))) };
  });
}

function lanczos4(fraction: number): readonly number[] {
  if (fraction < 1.2e-7) return [0, 0, 0, 1, 0, 0, 0, 0];
  const weights = Array.from({ length: 8 }, (_, i) => {
    const x = Math.PI * (fraction + 3 - i);
    return Math.abs(x) < 1e-9 ? 1 : (Math.sin(x) * Math.sin(x / 4) * 4) / (x * x);
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function resize(image: RgbImage, width: number, height: number, columns: readonly Taps[], rows: readonly Taps[], join: (values: Int32Array, weights: Int32Array) => number): RgbImage {
  const narrow = new Int32Array(3 * width * image.height);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < width; x++) {
      const { positions, weights } = columns[x]!;
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0; k < positions.length; k++) sum += weights[k]! * image.data[3 * (y * image.width + positions[k]!) + c]!;
        narrow[3 * (y * width + x) + c] = sum;
      }
    }
  }
  const data = new Uint8Array(3 * width * height);
  const values = new Int32Array(rows[0]?.positions.length ?? 0);
  for (let y = 0; y < height; y++) {
    const { positions, weights } = rows[y]!;
    for (let i = 0; i < 3 * width; i++) {
      for (let k = 0; k < values.length; k++) values[k] = narrow[3 * positions[k]! * width + i]!;
      data[3 * y * width + i] = join(values, weights);
    }
  }
  return { width, height, data };
}
