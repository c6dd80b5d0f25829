import type { RgbImage } from '../tensor/rgbImage.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';
import { suppressBoxes } from './boxSuppression.ts';
import type { Face, Landmarks } from './face.ts';

/** What the network says of one feature map of h x w cells with two anchors each: (1, 4, h, w), (1, 8, h, w), (1, 20, h, w). */
export interface RetinaFaceMaps {
  /** Background and face of either anchor, as logits. */
  readonly scores: Tensor;
  readonly boxes: Tensor;
  readonly landmarks: Tensor;
}

/** Runs the network on `retinaFaceInput`; feature maps of strides 8, 16 and 32. */
export type RunRetinaFace = (x: Tensor) => Promise<readonly RetinaFaceMaps[]>;

/** What the network says of every prior box, in the priors' order. */
export interface RetinaFaceRows {
  /** Probability of a face, 0..1. */
  readonly scores: Float32Array;
  /** Four values a prior. */
  readonly boxes: Float32Array;
  /** Ten values a prior. */
  readonly landmarks: Float32Array;
}

/** Strides of the feature maps, and the sides of the squares that stand on each of their cells. */
const levels = [{ stride: 8, sides: [16, 32] }, { stride: 16, sides: [64, 128] }, { stride: 32, sides: [256, 512] }] as const;
const anchors = 2;
/** Offsets and sizes were scaled by these in the training. */
const variances = { offset: 0.1, size: 0.2 };
const defaults = { score: 0.8, overlap: 0.4 };
/** Of blue, green and red. */
const means = [104, 117, 123] as const;

/** Finds faces by RetinaFace (Deng et al. 2020) at the picture's own size, the surest first. */
export async function retinaFace(run: RunRetinaFace, image: RgbImage): Promise<readonly Face[]> {
  return decodeRetinaFace(rowsOf(await run(retinaFaceInput(image))), image);
}

/** (1, 3, H, W): blue, green, red in 0..255 less their means. */
export function retinaFaceInput({ width, height, data }: RgbImage): Tensor {
  const plane = width * height;
  const out = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < plane; i++) out[channel * plane + i] = data[3 * i + 2 - channel]! - means[channel]!;
  }
  return tensor(out, [1, 3, height, width]);
}

/** Prior boxes of a picture, (centre x, centre y, width, height) in parts of its sides: level by level, row by row, the smaller square before the larger. */
export function priorBoxes({ width, height }: Pick<RgbImage, 'width' | 'height'>): Float32Array {
  const rows = levels.map(({ stride }) => ({ across: Math.ceil(width / stride), down: Math.ceil(height / stride) }));
  const priors = new Float32Array(4 * anchors * rows.reduce((sum, { across, down }) => sum + across * down, 0));
  let at = 0;
  for (const [level, { stride, sides }] of levels.entries()) {
    const { across, down } = rows[level]!;
    for (let row = 0; row < down; row++) {
      for (let column = 0; column < across; column++) {
        for (const side of sides) {
          priors.set([((column + 0.5) * stride) / width, ((row + 0.5) * stride) / height, side / width, side / height], at);
          at += 4;
        }
      }
    }
  }
  return priors;
}

/** Brings feature maps into the order of the priors; scores become probabilities. */
export function rowsOf(maps: readonly RetinaFaceMaps[]): RetinaFaceRows {
  const cells = maps.map(({ scores: { shape } }) => shape[2]! * shape[3]!);
  const count = anchors * cells.reduce((sum, size) => sum + size, 0);
  const rows = { scores: new Float32Array(count), boxes: new Float32Array(4 * count), landmarks: new Float32Array(10 * count) };
  let at = 0;
  for (const [level, { scores, boxes, landmarks }] of maps.entries()) {
    const plane = cells[level]!;
    for (let cell = 0; cell < plane; cell++) {
      for (let anchor = 0; anchor < anchors; anchor++, at++) {
        const logit = (kind: 0 | 1): number => scores.data[(2 * anchor + kind) * plane + cell]!;
        rows.scores[at] = 1 / (1 + Math.exp(logit(0) - logit(1)));      // softmax of two
        for (let k = 0; k < 4; k++) rows.boxes[4 * at + k] = boxes.data[(4 * anchor + k) * plane + cell]!;
        for (let k = 0; k < 10; k++) rows.landmarks[10 * at + k] = landmarks.data[(10 * anchor + k) * plane + cell]!;
      }
    }
  }
  return rows;
}

/**
 * The faces of a picture, the surest first.
 * @param limits.score what a face must be surer than
 * @param limits.overlap share that two faces may have in common
 */
export function decodeRetinaFace({ scores, boxes, landmarks }: RetinaFaceRows, size: Pick<RgbImage, 'width' | 'height'>, limits = defaults): readonly Face[] {
  const { width, height } = size;
  const priors = priorBoxes(size);
  if (priors.length !== 4 * scores.length) throw new RangeError(`a picture of ${width} x ${height} pixels has ${priors.length / 4} prior boxes, not ${scores.length}`);
  const found: { readonly index: number; readonly score: number; readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number }[] = [];
  for (const [index, score] of scores.entries()) {
    if (!(score > limits.score)) continue;
    const [px, py, pw, ph] = priors.subarray(4 * index, 4 * index + 4) as unknown as readonly [number, number, number, number];
    const [dx, dy, dw, dh] = boxes.subarray(4 * index, 4 * index + 4) as unknown as readonly [number, number, number, number];
    const [x, y] = [px + dx * variances.offset * pw, py + dy * variances.offset * ph];
    const [w, h] = [pw * Math.exp(dw * variances.size), ph * Math.exp(dh * variances.size)];
    if (![x, y, w, h].every(Number.isFinite)) continue;                 // damaged weights
    found.push({ index, score, x1: (x - w / 2) * width, y1: (y - h / 2) * height, x2: (x + w / 2) * width, y2: (y + h / 2) * height });
  }
  found.sort((a, b) => b.score - a.score || b.index - a.index);         // of equals the later prior first, as the reference has it
  return suppressBoxes(found, limits.overlap).map(({ index, score, x1, y1, x2, y2 }) => {
    const prior = priors.subarray(4 * index, 4 * index + 4);
    const point = (k: number): { readonly x: number; readonly y: number } => ({
      x: (prior[0]! + landmarks[10 * index + 2 * k]! * variances.offset * prior[2]!) * width,
      y: (prior[1]! + landmarks[10 * index + 2 * k + 1]! * variances.offset * prior[3]!) * height,
    });
    return { box: { x: x1, y: y1, width: x2 - x1, height: y2 - y1 }, score, landmarks: [0, 1, 2, 3, 4].map(point) as unknown as Landmarks };
  });
}
