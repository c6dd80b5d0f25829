import { floatsOf, type Tensor } from './tensor.ts';

/** One signed value for each pixel, in the sampler's units. */
export interface SignedMap {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
}

/** Luma (Rec. 601) of one tensor less that of another. */
export function lumaDifference(of: Tensor, to: Tensor): SignedMap {
  const { height, width } = of;
  const pixels = height * width;
  const [a, b] = [floatsOf(of), floatsOf(to)];
  const values = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) values[i] = 0.299 * (a[i]! - b[i]!) + 0.587 * (a[pixels + i]! - b[pixels + i]!) + 0.114 * (a[2 * pixels + i]! - b[2 * pixels + i]!);
  return { values, height, width };
}

/** So many values decide where a percentile lies; more change nothing that can be seen. */
const sampled = 8192;

/** The size that a share of the values does not exceed, whatever their sign. */
export function percentileOfSize(values: Float32Array, share: number): number {
  const stride = Math.max(1, Math.floor(values.length / sampled));
  const sizes = Float32Array.from({ length: Math.ceil(values.length / stride) }, (_, i) => Math.abs(values[i * stride]!)).sort();
  return sizes[Math.min(sizes.length - 1, Math.floor(share * sizes.length))] ?? 0;
}

/** The next number of 1, 2, 5, 10, ... that is not smaller; 0.001 for what is smaller still. */
export function roundedUp(value: number): number {
  if (!(value > 0.001)) return 0.001;
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const step = [1, 2, 5, 10].find((one) => value <= one * power * (1 + 1e-6)) ?? 10;
  return Number((step * power).toPrecision(3));
}

/** Ends of the scale in which a difference is drawn: all but its largest 2 % fit. */
export function scaleOf({ values }: SignedMap): number {
  return roundedUp(percentileOfSize(values, 0.98));
}
