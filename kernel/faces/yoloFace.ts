import type { RgbImage } from '../tensor/rgbImage.ts';
import { roundHalfEven } from '../tensor/rounding.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';
import { suppressBoxes, type Corners } from './boxSuppression.ts';
import type { Face, Landmarks } from './face.ts';
import { resizeLinear } from './resize.ts';

/** What the network says: feature maps (1, 48, h, w) of strides 8, 16 and 32, and the sizes of their three anchors in pixels, (3, 3, 2). */
export interface YoloFaceMaps {
  readonly levels: readonly Tensor[];
  readonly anchors: Tensor;
}

/** Runs the network on `letterbox`. */
export type RunYoloFace = (x: Tensor) => Promise<YoloFaceMaps>;

type Size = Pick<RgbImage, 'width' | 'height'>;

/** A find in pixels of the network's input, with its five points (x, y). */
export interface YoloFind extends Corners {
  readonly score: number;
  readonly points: readonly number[];
}

const strides = [8, 16, 32] as const;
const anchors = 3;
/** Box, objectness, five points, class. */
const values = 16;
const multiple = 32;
const grey = 114;
const defaults = { score: 0.7, overlap: 0.5 };
/** Boxes lower than this are no faces to the reference. */
const smallestBox = 10;

/** Finds faces by YOLOv5-face (Qi et al. 2021, "YOLO5Face"), the surest first. */
export async function yoloFace(run: RunYoloFace, image: RgbImage): Promise<readonly Face[]> {
  const x = letterbox(image);
  const found = suppressFinds(predictions(await run(x)));
  return facesInPicture(found, { width: x.shape[3]!, height: x.shape[2]! }, image);
}

/** The picture so enlarged that its longer side is a multiple of 32, and on grey, so that the shorter one is too: (1, 3, H, W) in [0, 1]. */
export function letterbox(image: RgbImage): Tensor {
  const longest = Math.max(image.width, image.height);
  const side = Math.ceil(longest / multiple) * multiple;
  const ratio = side / longest;
  const [width, height] = [roundHalfEven(image.width * ratio), roundHalfEven(image.height * ratio)];
  const { data } = width === image.width && height === image.height ? image : resizeLinear(image, width, height);
  const [columns, rows] = [border(side - width), border(side - height)];
  const [outWidth, outHeight] = [width + columns.before + columns.after, height + rows.before + rows.after];
  const plane = outWidth * outHeight;
  const out = new Float32Array(3 * plane).fill(grey / 255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (y + rows.before) * outWidth + x + columns.before;
      for (let channel = 0; channel < 3; channel++) out[channel * plane + to] = data[3 * (y * width + x) + channel]! / 255;
    }
  }
  return tensor(out, [1, 3, outHeight, outWidth]);
}

/** What is missing to a multiple of the largest stride, on both sides. */
function border(missing: number): { readonly before: number; readonly after: number } {
  const half = (missing % (2 * multiple)) / 2;
  return { before: roundHalfEven(half - 0.1), after: roundHalfEven(half + 0.1) };
}

/** The network's values as numbers, (N, 16): centre, size, objectness, points in pixels of its input, class. By level, anchor, row, column. */
export function predictions({ levels, anchors: sizes }: YoloFaceMaps): Float32Array {
  const cells = levels.map(({ shape }) => shape[2]! * shape[3]!);
  const out = new Float32Array(values * anchors * cells.reduce((sum, count) => sum + count, 0));
  let at = 0;
  for (const [level, { data, shape }] of levels.entries()) {
    const [stride, plane, width] = [strides[level]!, cells[level]!, shape[3]!];
    for (let anchor = 0; anchor < anchors; anchor++) {
      const [anchorWidth, anchorHeight] = [sizes.data[2 * (anchors * level + anchor)]!, sizes.data[2 * (anchors * level + anchor) + 1]!];
      for (let cell = 0; cell < plane; cell++, at += values) {
        const raw = (k: number): number => data[(values * anchor + k) * plane + cell]!;
        const [column, row] = [cell % width, Math.floor(cell / width)];
        out[at] = (2 * sigmoid(raw(0)) - 0.5 + column) * stride;
        out[at + 1] = (2 * sigmoid(raw(1)) - 0.5 + row) * stride;
        out[at + 2] = (2 * sigmoid(raw(2))) ** 2 * anchorWidth;
        out[at + 3] = (2 * sigmoid(raw(3))) ** 2 * anchorHeight;
        out[at + 4] = sigmoid(raw(4));
        for (let k = 5; k < 15; k += 2) {
          out[at + k] = raw(k) * anchorWidth + column * stride;
          out[at + k + 1] = raw(k + 1) * anchorHeight + row * stride;
        }
        out[at + 15] = sigmoid(raw(15));
      }
    }
  }
  return out;
}

/** The sure ones of the predictions, the surest first, without those that overlap a surer one. */
export function suppressFinds(rows: Float32Array, limits = defaults): readonly YoloFind[] {
  const found: YoloFind[] = [];
  for (let at = 0; at < rows.length; at += values) {
    const objectness = rows[at + 4]!;
    const score = Math.fround(objectness * rows[at + 15]!);
    if (!(objectness > limits.score && score > limits.score)) continue;
    const [x, y, width, height] = rows.subarray(at, at + 4) as unknown as readonly [number, number, number, number];
    if (!rows.subarray(at, at + 15).every(Number.isFinite)) continue;   // damaged weights
    found.push({ x1: x - width / 2, y1: y - height / 2, x2: x + width / 2, y2: y + height / 2, score, points: [...rows.subarray(at + 5, at + 15)] });
  }
  return suppressBoxes(found.sort((a, b) => b.score - a.score), limits.overlap);
}

/** Takes finds back into the picture, cut off at its borders and without fractions, as the reference has them. */
export function facesInPicture(found: readonly YoloFind[], input: Size, picture: Size): readonly Face[] {
  const gain = Math.min(input.width / picture.width, input.height / picture.height);
  const place = (value: number, axis: 'width' | 'height'): number => {
    const size = picture[axis];
    const inPicture = Math.min(size, Math.max(0, (value - (input[axis] - size * gain) / 2) / gain));
    return Math.trunc(Math.fround(inPicture / size) * size);
  };
  return found.flatMap(({ x1, y1, x2, y2, score, points }) => {
    const [left, top, right, bottom] = [place(x1, 'width'), place(y1, 'height'), place(x2, 'width'), place(y2, 'height')];
    if (bottom - top < smallestBox) return [];
    const landmarks = [0, 1, 2, 3, 4].map((k) => ({ x: place(points[2 * k]!, 'width'), y: place(points[2 * k + 1]!, 'height') })) as unknown as Landmarks;
    return [{ box: { x: left, y: top, width: right - left, height: bottom - top }, score, landmarks }];
  });
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
