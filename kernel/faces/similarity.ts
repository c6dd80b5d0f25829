import type { Point } from '../tensor/rgbImage.ts';
import type { Landmarks } from './face.ts';

/** Rotation, scale and translation: x' = a x - b y + tx, y' = b x + a y + ty. */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly tx: number;
  readonly ty: number;
}

/** Where the five points lie in an aligned 512 px crop: the template of the reference and of the FFHQ crops its models were trained on. */
const template512: Landmarks = [
  { x: 192.98138, y: 239.94708 }, { x: 318.90277, y: 240.1936 }, { x: 256.63416, y: 314.01935 }, { x: 201.26117, y: 371.41043 }, { x: 313.08905, y: 371.15118 },
];

/** The template for crops of another size. */
export function faceTemplate(size: number): Landmarks {
  return template512.map(({ x, y }) => ({ x: (x * size) / 512, y: (y * size) / 512 })) as unknown as Landmarks;
}

/** The pairs of points OpenCV's generator draws for five points (seed 2^64 - 1), in its order; 13 are enough for its confidence of 0.99. */
const pairs = [[0, 4], [0, 3], [1, 2], [1, 0], [3, 0], [0, 4], [1, 4], [3, 1], [0, 3], [0, 1], [0, 4], [4, 1], [0, 3]] as const;

/**
 * The similarity that takes `from` to `to`, by least median of squares (Rousseeuw 1984) with OpenCV's choice of trials, then least squares over the inliers:
 * what `estimateAffinePartial2D(..., LMEDS)` gives for five points.
 */
export function estimateSimilarity(from: Landmarks, to: Landmarks): Similarity {
  const source = from.map(rounded);
  const target = to.map(rounded);
  let best: { similarity: Similarity; median: number } | undefined;
  for (const [i, j] of pairs) {
    const similarity = throughTwo(source[i]!, source[j]!, target[i]!, target[j]!);
    const median = squaredResiduals(similarity, source, target).sort((p, q) => p - q)[2]!;
    if (Number.isFinite(median) && (best === undefined || median < best.median)) best = { similarity, median };
  }
  if (!best) throw new RangeError('the five points of a face lie on one spot');
  const sigma = Math.max(2.5 * 1.4826 * (1 + 5 / 3) * Math.sqrt(best.median), 0.001);
  const residuals = squaredResiduals(best.similarity, source, target);
  const inliers = [0, 1, 2, 3, 4].filter((i) => residuals[i]! <= sigma * sigma);
  return leastSquares(inliers.map((i) => source[i]!), inliers.map((i) => target[i]!)) ?? best.similarity;
}

export function invert({ a, b, tx, ty }: Similarity): Similarity {
  const d = 1 / (a * a + b * b);
  return { a: a * d, b: -b * d, tx: -(a * tx + b * ty) * d, ty: (b * tx - a * ty) * d };
}

export function apply({ a, b, tx, ty }: Similarity, { x, y }: Point): Point {
  return { x: a * x - b * y + tx, y: b * x + a * y + ty };
}

function rounded({ x, y }: Point): Point {
  return { x: Math.fround(x), y: Math.fround(y) };
}

function throughTwo(p: Point, q: Point, u: Point, v: Point): Similarity {
  const [dx, dy, du, dv] = [q.x - p.x, q.y - p.y, v.x - u.x, v.y - u.y];
  const d = 1 / (dx * dx + dy * dy);
  const a = (dx * du + dy * dv) * d;
  const b = (dx * dv - dy * du) * d;
  return { a, b, tx: u.x - a * p.x + b * p.y, ty: u.y - b * p.x - a * p.y };
}

/** In float32, as OpenCV's estimator keeps them. */
function squaredResiduals({ a, b, tx, ty }: Similarity, source: readonly Point[], target: readonly Point[]): number[] {
  const [fa, fb, fx, fy] = [Math.fround(a), Math.fround(b), Math.fround(tx), Math.fround(ty)];
  return source.map((p, i) => {
    const dx = Math.fround(Math.fround(Math.fround(fa * p.x) - Math.fround(fb * p.y)) + Math.fround(fx - target[i]!.x));
    const dy = Math.fround(Math.fround(Math.fround(fb * p.x) + Math.fround(fa * p.y)) + Math.fround(fy - target[i]!.y));
    return Math.fround(Math.fround(dx * dx) + Math.fround(dy * dy));
  });
}

function leastSquares(source: readonly Point[], target: readonly Point[]): Similarity | undefined {
  const n = source.length;
  if (n < 2) return undefined;
  const mean = (points: readonly Point[]): Point => ({ x: points.reduce((s, p) => s + p.x, 0) / n, y: points.reduce((s, p) => s + p.y, 0) / n });
  const [p, u] = [mean(source), mean(target)];
  let [dot, cross, norm] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y, s, t] = [source[i]!.x - p.x, source[i]!.y - p.y, target[i]!.x - u.x, target[i]!.y - u.y];
    dot += x * s + y * t;
    cross += x * t - y * s;
    norm += x * x + y * y;
  }
  if (norm === 0) return undefined;
  const [a, b] = [dot / norm, cross / norm];
  return { a, b, tx: u.x - a * p.x + b * p.y, ty: u.y - b * p.x - a * p.y };
}
