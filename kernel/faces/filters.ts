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
const smallKernels: Readonly<Record<number, readonly number[]>> = { 1: [1], 3: [64, 128, 64], 5: [16, 64, 96, 64, 16], 7: [8, 28, 56, 72, 56, 28, 8], 9: [4, 13, 30, 51, 60, 51, 30, 13, 4] };

/**
 * Gaussian blur with a kernel of `size` (odd), reflect-101 borders, as OpenCV's.
 * @param sigma derived from the size where absent
 */
export function gaussianBlur({ data, width, height }: FloatPlane, size: number, sigma?: number): FloatPlane {
  if (size === 1) return { data: data.slice(), width, height };
  const kernel = gaussianKernel(size, sigma);
  const rows = new Float64Array(data.length);
  for (let y = 0; y < height; y++) convolve(data, rows, y * width, 1, width, kernel);
  const out = new Float64Array(data.length);
  for (let x = 0; x < width; x++) convolve(rows, out, x, width, height, kernel);
  return { data: out, width, height };
}

function gaussianKernel(size: number, sigma?: number): Float64Array {
  const fixed = sigma === undefined ? smallKernels[size] : undefined;
  if (fixed) return Float64Array.from(fixed, (weight) => (size === 1 ? 1 : weight / 256));
  const s = sigma ?? 0.3 * ((size - 1) / 2 - 1) + 0.8;
  const kernel = Float64Array.from({ length: size }, (_, i) => Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * s * s)));
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  return kernel.map((weight) => weight / sum);
}

function convolve(from: Float64Array, to: Float64Array, offset: number, stride: number, length: number, kernel: Float64Array): void {
  const reach = (kernel.length - 1) / 2;
  for (let i = 0; i < length; i++) {
    let sum = 0;
    if (i >= reach && i + reach < length) {
      for (let k = -reach; k <= reach; k++) sum += kernel[k + reach]! * from[offset + (i + k) * stride]!;
    } else {
      for (let k = -reach; k <= reach; k++) sum += kernel[k + reach]! * from[offset + reflect(i + k, length) * stride]!;
    }
    to[offset + i * stride] = sum;
  }
}

/** Border reflect-101: ... 2 1 | 0 1 2 ... */
function reflect(i: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const p = ((i % period) + period) % period;
  return p < length ? p : period - p;
}
