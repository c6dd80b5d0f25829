import type { Point, RgbImage } from '../tensor/rgbImage.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { fromSquare, sampleSquare, type Square } from './sampling.ts';

/** Runs one of the detector's networks; outputs by name. */
export type Infer = (model: 'blazeface' | 'facemesh', input: Tensor) => Promise<Readonly<Record<string, Tensor>>>;

/** A guess where a face is; the eyes tell how it is turned. */
export interface Candidate {
  readonly score: number;
  readonly x: number;
  readonly y: number;
  readonly side: number;
  readonly eyes: readonly [Point, Point];
}

const size = 256;
/** Two anchors in each of 16x16 cells, six in each of 8x8 (Bazarevsky et al. 2019, "BlazeFace", back-camera variant). */
const levels = [{ cells: 16, anchors: 2, scores: 'scores1', boxes: 'boxes1' }, { cells: 8, anchors: 6, scores: 'scores2', boxes: 'boxes2' }] as const;

/** Faces in one square of the picture, scores above `threshold` (0..1). */
export async function blazeFace(infer: Infer, image: RgbImage, square: Square, threshold: number): Promise<readonly Candidate[]> {
  const outputs = await infer('blazeface', sampleSquare(image, square, size, 1 / 127.5, -0.5));
  const found: Candidate[] = [];
  for (const { cells, anchors, scores, boxes } of levels) {
    const score = outputs[scores]!.data;
    const box = outputs[boxes]!.data;
    for (let k = 0; k < score.length; k++) {
      const probability = 1 / (1 + Math.exp(-score[k]!));
      if (probability < threshold) continue;
      const cell = Math.floor(k / anchors);
      const anchorX = ((cell % cells) + 0.5) / cells;
      const anchorY = (Math.floor(cell / cells) + 0.5) / cells;
      const at = (n: number): Point => fromSquare(square, anchorX + box[16 * k + n]! / size, anchorY + box[16 * k + n + 1]! / size);
      const centre = at(0);
      const side = (Math.max(box[16 * k + 2]!, box[16 * k + 3]!) / size) * square.side;
      found.push({ score: probability, x: centre.x, y: centre.y, side, eyes: [at(4), at(6)] });
    }
  }
  return found;
}

/** Keeps the best of overlapping candidates (greedy, by score). */
export function suppress(candidates: readonly Candidate[], overlap: number): readonly Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of [...candidates].sort((a, b) => b.score - a.score)) {
    if (!kept.some((other) => overlapOf(other, candidate) > overlap)) kept.push(candidate);
  }
  return kept;
}

/** Intersection over the smaller of the two squares: a face found whole and in part counts once. */
function overlapOf(a: Candidate, b: Candidate): number {
  const w = Math.min(a.x + a.side / 2, b.x + b.side / 2) - Math.max(a.x - a.side / 2, b.x - b.side / 2);
  const h = Math.min(a.y + a.side / 2, b.y + b.side / 2) - Math.max(a.y - a.side / 2, b.y - b.side / 2);
  return w <= 0 || h <= 0 ? 0 : (w * h) / Math.min(a.side, b.side) ** 2;
}
