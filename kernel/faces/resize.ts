import type { RgbImage, Samples } from '../tensor/rgbImage.ts';
import { roundHalfEven } from '../tensor/rounding.ts';
import type { FloatPlane } from './filters.ts';

/** Taps of one output sample along an axis. */
interface Taps {
  readonly positions: Int32Array;
  readonly weights: Float64Array;
}

/** Interleaved samples. */
interface Raster<D> {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: D;
}

interface Target {
  readonly width: number;
  readonly height: number;
  /** Input over output pixels, where it is known more exactly than the sizes tell. */
  readonly scale?: number;
}

/** OpenCV keeps the weights of 8-bit pictures as integers that sum to this. */
const fixedOne = 2048;

/** Pictures whose shorter side is less are enlarged by the reference before anything else. */
const leastSide = 512;

/** Size in pixels in which the reference works on a picture, and how many times its own that is: a shorter side of 512 px where it is smaller. */
export function workingSize({ width, height }: Pick<RgbImage, 'width' | 'height'>): { readonly width: number; readonly height: number; readonly factor: number } {
  const factor = leastSide / Math.min(width, height);
  return factor <= 1 ? { width, height, factor: 1 } : { width: roundHalfEven(width * factor), height: roundHalfEven(height * factor), factor };
}

/**
 * The picture as the reference works on it.
 * @returns the picture itself, with a factor of 1, where it is large enough
 */
export function enlargeSmall(image: RgbImage): { readonly image: RgbImage; readonly factor: number } {
  const { width, height, factor } = workingSize(image);
  return { image: factor === 1 ? image : resizeLinear(image, width, height, 1 / factor), factor };
}

/** OpenCV's INTER_LINEAR of 8-bit pictures. `scale` is input over output pixels where it is known more exactly than the sizes tell. */
export function resizeLinear(image: RgbImage, width: number, height: number, scale?: number): RgbImage {
  const target = { width, height, ...(scale === undefined ? {} : { scale }) };
  const data = resize({ ...image, channels: 3 }, target, linearTaps, fixed, (length) => new Uint8Array(length), (values, [upper, lower]) => (
    (((upper! * (values[0]! >> 4)) >> 16) + ((lower! * (values[1]! >> 4)) >> 16) + 2) >> 2
  ));
  return { width, height, data };
}

/** Linear resampling of interleaved samples of either depth: colours as `resizeLinear` where they are 8 bit. */
export function resizeSamples<S extends Samples>(data: S, channels: number, from: { readonly width: number; readonly height: number }, width: number, height: number): S {
  if (data instanceof Uint8Array && channels === 3) return resizeLinear({ ...from, data }, width, height).data as S;
  const make = (length: number): Samples => (data instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length));
  return resize<Samples, Samples>({ ...from, channels, data }, { width, height }, linearTaps, Math.fround, make, (values, [upper, lower]) => roundHalfEven(values[0]! * upper! + values[1]! * lower!)) as S;
}

/** OpenCV's INTER_LINEAR of float planes. */
export function resizePlane({ data, width, height }: FloatPlane, to: number): Float64Array {
  if (width === to && height === to) return data;
  return resize<Float64Array, Float64Array>({ data, width, height, channels: 1 }, { width: to, height: to }, linearTaps, Math.fround, (length) => new Float64Array(length), (values, [upper, lower]) => values[0]! * upper! + values[1]! * lower!);
}

/** OpenCV's INTER_LANCZOS4 of 8-bit pictures: eight taps along each axis. */
export function resizeLanczos4(image: RgbImage, width: number, height: number): RgbImage {
  const data = resize({ ...image, channels: 3 }, { width, height }, lanczosTaps, fixed, (length) => new Uint8Array(length), (values, weights) => {
    let sum = 0;
    for (let k = 0; k < 8; k++) sum += values[k]! * weights[k]!;
    return Math.min(255, Math.max(0, Math.floor((sum + 2 ** 21) / 2 ** 22)));
  });
  return { width, height, data };
}

function fixed(weight: number): number {
  return roundHalfEven(Math.fround(weight * fixedOne));
}

interface Kernel {
  readonly count: number;
  readonly weigh: (fraction: number) => readonly number[];
  /** Beyond the first and the last column no fraction is left. */
  readonly clampFraction: boolean;
}

const linearTaps: Kernel = { count: 2, weigh: (f) => [Math.fround(1 - f), f], clampFraction: true };
const lanczosTaps: Kernel = { count: 8, weigh: lanczos4, clampFraction: false };

function taps(from: number, to: number, scale: number | undefined, { count, weigh }: Kernel, keep: (weight: number) => number, clampFraction: boolean): readonly Taps[] {
  const step = scale ?? from / to;
  return Array.from({ length: to }, (_, i) => {
    const centre = Math.fround((i + 0.5) * step - 0.5);
    let first = Math.floor(centre);
    let fraction = Math.fround(centre - first);
    if (clampFraction && first < 0) [first, fraction] = [0, 0];
    if (clampFraction && first >= from - 1) [first, fraction] = [from - 1, 0];
    const positions = Int32Array.from({ length: count }, (_unused, k) => Math.min(from - 1, Math.max(0, first + k - (count / 2 - 1))));
    return { positions, weights: Float64Array.from(weigh(fraction), keep) };
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

/** Across, then down; only the rows that the taps reach are held in between, so that a large picture costs nothing but its result. */
function resize<From extends Samples | Float64Array, To extends Samples | Float64Array>(
  { width: fromWidth, height: fromHeight, channels, data: from }: Raster<From>, { width, height, scale }: Target, kernel: Kernel,
  keep: (weight: number) => number, make: (length: number) => To, join: (values: Float64Array, weights: Float64Array) => number,
): To {
  const columns = taps(fromWidth, width, scale, kernel, keep, kernel.clampFraction);
  const rows = taps(fromHeight, height, scale, kernel, keep, false);   // OpenCV clamps rows, but not their fraction: it shows in what is cut off
  const { count } = kernel;
  const held = Array.from({ length: count }, () => ({ y: -1, values: new Float64Array(channels * width) }));
  const narrow = (y: number): Float64Array => {
    const row = held[y % count]!;                                       // taps are neighbours: no two share a place
    if (row.y === y) return row.values;
    row.y = y;
    for (let x = 0; x < width; x++) {
      const { positions, weights } = columns[x]!;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < count; k++) sum += weights[k]! * from[channels * (y * fromWidth + positions[k]!) + c]!;
        row.values[channels * x + c] = sum;
      }
    }
    return row.values;
  };
  const data = make(channels * width * height);
  const values = new Float64Array(count);
  for (let y = 0; y < height; y++) {
    const { positions, weights } = rows[y]!;
    const reached = Array.from(positions, narrow);
    for (let i = 0; i < channels * width; i++) {
      for (let k = 0; k < count; k++) values[k] = reached[k]![i]!;
      data[channels * width * y + i] = join(values, weights);
    }
  }
  return data;
}
