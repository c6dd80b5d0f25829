/** A float plane, row by row. */
export interface FloatPlane {
  readonly data: Float64Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Erosion by a k x k box as OpenCV does it: the minimum over offsets -floor(k/2) .. k-1-floor(k/2); what lies outside does not count. A k of 0 is a 3 x 3 box there.
 */
export function erode({ data, width, height }: FloatPlane, k: number): FloatPlane {
  const size = k === 0 ? 3 : k;
  const before = Math.floor(size / 2);
  const after = size - 1 - before;
  const rows = new Float64Array(data.length);
  for (let y = 0; y < height; y++) slidingMinimum(data, rows, y * width, 1, width, before, after);
  const out = new Float64Array(data.length);
  for (let x = 0; x < width; x++) slidingMinimum(rows, out, x, width, height, before, after);
  return { data: out, width, height };
}

/** Minimum over a window at every position, in linear time by a queue of candidates (Lemire 2006). */
function slidingMinimum(from: Float64Array, to: Float64Array, offset: number, stride: number, length: number, before: number, after: number): void {
  const queue = new Int32Array(length);
  let head = 0;
  let tail = 0;
  for (let i = 0; i < length + after; i++) {
    if (i < length) {
      const value = from[offset + i * stride]!;
      while (tail > head && from[offset + queue[tail - 1]! * stride]! >= value) tail--;
      queue[tail++] = i;
    }
    const at = i - after;
    if (at < 0) continue;
    while (queue[head]! < at - before) head++;
    to[offset + at * stride] = from[offset + queue[head]! * stride]!;
  }
}

/** OpenCV's fixed kernels for small sizes when sigma is automatic. */
const smallKernels: Readonly<Record<number, readonly number[]>> = { 3: [64, 128, 64], 5: [16, 64, 96, 64, 16], 7: [8, 28, 56, 72, 56, 28, 8], 9: [4, 13, 30, 51, 60, 51, 30, 13, 4] };

/**
 * Gaussian blur with a kernel of `size` (odd), reflect-101 borders, as OpenCV's.
 * @param sigma derived from the size where absent
 * @param precision of the plane there: in single precision every product is added with one rounding, in the order of its vector code, and the result is the same to the bit;
 * what is cut off after blending with a weight of 0.99999994 shows it
 */
export function gaussianBlur({ data, width, height }: FloatPlane, size: number, sigma?: number, precision: 'single' | 'double' = 'double'): FloatPlane {
  if (size === 1) return { data: data.slice(), width, height };
  const round = precision === 'single' ? Math.fround : (value: number) => value;
  const kernel = gaussianKernel(size, sigma).map(round);
  const { data: rows, empty } = blurAcross(data, width, height, kernel, round);
  return { data: blurDown(rows, empty, width, height, kernel, round), width, height };
}

function gaussianKernel(size: number, sigma?: number): Float64Array {
  const fixed = sigma === undefined ? smallKernels[size] : undefined;
  if (fixed) return Float64Array.from(fixed, (weight) => weight / 256);
  const s = sigma ?? 0.15 * size + 0.35;
  const half = Array.from({ length: (size - 1) / 2 }, (_, i) => Math.exp(((2 * i + 1 - size) ** 2 * -0.125) / (s * s)));
  const scale = 1 / (2 * half.reduce((total, weight) => total + weight, 0) + 1);
  return Float64Array.from([...half, 1, ...half.toReversed()], (weight) => weight * scale);
}

type Round = (value: number) => number;

/** @returns the rows, and which of them are 0 throughout */
function blurAcross(data: Float64Array, width: number, height: number, kernel: Float64Array, round: Round): { readonly data: Float64Array; readonly empty: readonly boolean[] } {
  const reach = (kernel.length - 1) / 2;
  const out = new Float64Array(data.length);
  const padded = new Float64Array(width + 2 * reach);
  const empty = Array.from({ length: height }, (_, y) => {
    const row = data.subarray(y * width, (y + 1) * width);
    if (row.every((value) => value === 0)) return true;
    for (let i = 0; i < padded.length; i++) padded[i] = row[reflect(i - reach, width)]!;
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum = round(kernel[k]! * padded[x + k]! + sum);
      out[y * width + x] = sum;
    }
    return false;
  });
  return { data: out, empty };
}

/** From the middle outwards, two rows at once. */
function blurDown(data: Float64Array, empty: readonly boolean[], width: number, height: number, kernel: Float64Array, round: Round): Float64Array {
  const reach = (kernel.length - 1) / 2;
  const out = new Float64Array(data.length);
  for (let y = 0; y < height; y++) {
    const sums = out.subarray(y * width, (y + 1) * width);
    for (let k = 0; k <= reach; k++) {
      const [above, below] = [reflect(y - k, height), reflect(y + k, height)];
      if (empty[above]! && empty[below]!) continue;
      const weight = kernel[reach + k]!;
      const share = k === 0 ? 0 : 1;                                      // the middle row counts once
      for (let x = 0; x < width; x++) sums[x] = round(weight * round(data[below * width + x]! + share * data[above * width + x]!) + sums[x]!);
    }
  }
  return out;
}

/** Border reflect-101: ... 2 1 | 0 1 2 ... */
function reflect(i: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const p = ((i % period) + period) % period;
  return p < length ? p : period - p;
}
