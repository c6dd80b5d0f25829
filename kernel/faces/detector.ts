import type { RgbImage } from '../tensor/rgbImage.ts';
import { blazeFace, suppress, type Candidate, type Infer } from './blazeFace.ts';
import { sameFace, type Face } from './face.ts';
import { faceMesh } from './faceMesh.ts';
import { readingOrder } from './readingOrder.ts';
import type { Square } from './sampling.ts';

export type { Infer } from './blazeFace.ts';

export interface DetectOptions {
  /** Faces of the frame before: their surroundings are looked at instead of all tiles. */
  readonly near?: readonly Face[];
  readonly signal?: AbortSignal;
}

const threshold = 0.5;
/** Tiles get smaller by this factor down to about this side, so that small faces in large pictures fill enough of a pass. */
const tileShrink = 1.6;
const smallestTile = 400;
/** Faces in smaller squares are too small to be restored: a picture of fewer pixels from side to side is looked at as a whole alone. */
const leastTile = 24;
/** The tiles of a long strip are larger than it is wide, so that they are this many at most but for their overlap; a face that fills the strip still fills enough of them. */
const mostInRow = 250;

/**
 * Finds faces with BlazeFace and places their five points with FaceMesh. BlazeFace sees faces of a tenth to nearly all of its square, so the picture is
 * passed whole, with a wide border (faces that fill it), and in overlapping tiles (small faces).
 * @returns faces in reading order: by rows of faces, left to right
 */
export async function detectFaces(infer: Infer, image: RgbImage, { near, signal }: DetectOptions = {}): Promise<readonly Face[]> {
  const candidates: Candidate[] = [];
  for (const square of near ? nearby(near) : passes(image)) {
    signal?.throwIfAborted();
    candidates.push(...await blazeFace(infer, image, square, threshold));
  }
  const faces: Face[] = [];
  for (const candidate of suppress(candidates, 0.5)) {
    signal?.throwIfAborted();
    const face = await faceMesh(infer, image, candidate);
    if (face && inside(face, image) && !faces.some((other) => sameFace(other, face))) faces.push(face);
  }
  return readingOrder(faces);
}

function passes({ width, height }: RgbImage): readonly Square[] {
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  const centre = { x: width / 2, y: height / 2, angle: 0 };
  const squares: Square[] = [{ ...centre, side: long }, { ...centre, side: long * 1.6 }];
  if (short < leastTile) return squares;
  for (let side = Math.max(leastTile, short / tileShrink, long / mostInRow); side >= smallestTile || squares.length === 2; side /= tileShrink) {
    const step = side * 0.7;
    const [columns, rows] = [Math.max(1, Math.ceil((width - side) / step) + 1), Math.max(1, Math.ceil((height - side) / step) + 1)];
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        squares.push({ x: side / 2 + (columns > 1 ? ((width - side) * i) / (columns - 1) : 0), y: side / 2 + (rows > 1 ? ((height - side) * j) / (rows - 1) : 0), side, angle: 0 });
      }
    }
  }
  return squares;
}

function nearby(faces: readonly Face[]): readonly Square[] {
  return faces.map(({ box }) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2, side: Math.max(box.width, box.height) * 2.5, angle: 0 }));
}

function inside({ landmarks }: Face, { width, height }: RgbImage): boolean {
  return landmarks.filter(({ x, y }) => x >= 0 && y >= 0 && x < width && y < height).length >= 3;
}
