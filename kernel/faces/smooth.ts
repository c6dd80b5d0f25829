import { alignment } from './align.ts';
import type { Landmarks } from './face.ts';
import type { Similarity } from './similarity.ts';

/** Half width of the Hampel window in frames and its threshold in deviations. */
const hampelReach = 3;
const hampelThreshold = 3;
/** The smoothed crop may be off by this share of the distance between the eyes. */
const cap = 0.02;

/**
 * The alignment of every frame of a track, steadied: jitter of the landmarks would move the crop, and with it all the noise, from frame to frame.
 * Outliers go by a Hampel filter (Hampel 1974), the rest by a zero-phase Gaussian over (log scale, rotation, place of the crop's centre in the picture).
 * @param sigma of the Gaussian in frames; 0 leaves the alignment as it is
 */
export function smoothAlignment(landmarks: readonly Landmarks[], size: number, sigma: number): readonly Similarity[] {
  const raw = landmarks.map((points) => alignment(points, size));
  if (sigma <= 0 || raw.length < 3) return raw;
  const centre = size / 2;
  const series = raw.map(({ a, b, tx, ty }) => {
    const square = a * a + b * b;
    const [x, y] = [centre - tx, centre - ty];
    return [0.5 * Math.log(square), Math.atan2(b, a), (a * x + b * y) / square, (a * y - b * x) / square] as const;
  });
  const columns = [0, 1, 2, 3].map((k) => series.map((values) => values[k]!));
  columns[1] = unwrapped(columns[1]!);
  const smooth = columns.map((values) => gaussian(hampel(values), sigma));
  return raw.map((_, i) => {
    const [logScale, angle] = [smooth[0]![i]!, smooth[1]![i]!];
    const scale = Math.exp(logScale);
    const eyes = Math.hypot(landmarks[i]![1].x - landmarks[i]![0].x, landmarks[i]![1].y - landmarks[i]![0].y);
    const [x, y] = capped(smooth[2]![i]! - columns[2]![i]!, smooth[3]![i]! - columns[3]![i]!, cap * eyes);
    const [cx, cy] = [columns[2]![i]! + x, columns[3]![i]! + y];
    const [a, b] = [scale * Math.cos(angle), scale * Math.sin(angle)];
    return { a, b, tx: centre - a * cx + b * cy, ty: centre - b * cx - a * cy };
  });
}

function capped(x: number, y: number, limit: number): [number, number] {
  const length = Math.hypot(x, y);
  return length <= limit ? [x, y] : [(x * limit) / length, (y * limit) / length];
}

function unwrapped(angles: readonly number[]): number[] {
  const out = [...angles];
  for (let i = 1; i < out.length; i++) out[i]! -= 2 * Math.PI * Math.round((out[i]! - out[i - 1]!) / (2 * Math.PI));
  return out;
}

/** Replaces values that lie more than 3 deviations (from the median, by the median) off their neighbourhood. */
export function hampel(values: readonly number[]): number[] {
  return values.map((value, i) => {
    const near = values.slice(Math.max(0, i - hampelReach), i + hampelReach + 1);
    const middle = median(near);
    const deviation = 1.4826 * median(near.map((other) => Math.abs(other - middle)));
    return Math.abs(value - middle) > hampelThreshold * deviation ? middle : value;
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Gaussian smoothing; beyond the ends the series goes on point-symmetrically, so that a steady motion stays what it is. */
export function gaussian(values: readonly number[], sigma: number): number[] {
  const reach = Math.ceil(3 * sigma);
  const n = values.length;
  const at = (i: number): number => {
    if (i < 0) return 2 * values[0]! - values[Math.min(n - 1, -i)]!;
    return i < n ? values[i]! : 2 * values[n - 1]! - values[Math.max(0, 2 * n - 2 - i)]!;
  };
  return values.map((_, i) => {
    let [sum, total] = [0, 0];
    for (let k = -reach; k <= reach; k++) {
      const weight = Math.exp(-(k * k) / (2 * sigma * sigma));
      sum += weight * at(i + k);
      total += weight;
    }
    return sum / total;
  });
}
