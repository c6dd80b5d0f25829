import type { RgbImage } from '../tensor/rgbImage.ts';
import { cutPicture, faceInOriginal, overlappingCutouts, touchesCut, type Cutout } from './cutPicture.ts';
import type { DetectOptions } from './detector.ts';
import { sameFace, type Face } from './face.ts';
import { intersectionOverUnion, mostFaces } from './boxSuppression.ts';
import { breathe } from './breathe.ts';
import { readingOrder } from './readingOrder.ts';
import { resizeLinear } from './resize.ts';
import { workingPicture } from './workingPicture.ts';

/** Finds faces in a picture as it is. */
export type FindFaces = (picture: RgbImage) => Promise<readonly Face[]>;

/** A network that sees more pixels at once takes more memory than a machine spares for it: about 0.2 GB a megapixel. Larger pictures are looked at in parts. */
const mostPixels = 8e6;
/** Pixels that neighbouring parts have in common: smaller faces lie whole in one of them. */
const overlap = 640;
/** Surroundings of a face of the frame before, in sides of its box, and the side to which they are reduced. */
const surroundings = 2.5;
const largestSurroundings = 640;
/** Finds that are compared before anything else has its turn: with as many others as are kept, for some milliseconds. */
const findsAtOnce = 200;

/**
 * Finds faces at the size in which the reference looks for them.
 * @param options.near faces of the frame before: their surroundings are looked at instead of the whole picture
 * @returns faces in reading order
 */
export async function detectAtWorkingSize(find: FindFaces, image: RgbImage, { near, signal }: DetectOptions = {}): Promise<readonly Face[]> {
  const { picture, scale } = workingPicture(image);
  const cutouts = near?.map((face) => surroundingsOf(faceInOriginal(face, 1 / scale), picture));
  const found = cutouts && area(cutouts) < picture.width * picture.height ? await around(find, picture, cutouts, signal) : await everywhere(find, picture, signal);
  return readingOrder(found.map((face) => faceInOriginal(face, scale)));
}

async function everywhere(find: FindFaces, picture: RgbImage, signal: AbortSignal | undefined): Promise<readonly Face[]> {
  signal?.throwIfAborted();
  const pixels = picture.width * picture.height;
  if (pixels <= mostPixels) return find(picture);
  const reduction = Math.sqrt(mostPixels / pixels);
  const reduced = resizeLinear(picture, Math.max(1, Math.round(picture.width * reduction)), Math.max(1, Math.round(picture.height * reduction)));
  const finds = (await find(reduced)).map((face) => faceInOriginal(face, reduced.width / picture.width));
  const large = finds.filter(({ box }) => Math.max(box.width, box.height) > overlap / 2);
  const all = [...large];
  for (const cutout of overlappingCutouts(picture, mostPixels, overlap)) {
    signal?.throwIfAborted();
    const inside = (await find(cutPicture(picture, cutout))).map((face) => faceInOriginal(face, 1, cutout));
    all.push(...inside.filter((face) => !touchesCut(face, cutout, picture)));
  }
  return distinct(all, signal);
}

async function around(find: FindFaces, picture: RgbImage, cutouts: readonly Cutout[], signal: AbortSignal | undefined): Promise<readonly Face[]> {
  const all: Face[] = [];
  for (const cutout of cutouts) {
    signal?.throwIfAborted();
    const whole = cutPicture(picture, cutout);
    const scale = Math.min(1, largestSurroundings / Math.max(whole.width, whole.height));
    const part = scale === 1 ? whole : resizeLinear(whole, Math.max(1, Math.round(whole.width * scale)), Math.max(1, Math.round(whole.height * scale)));
    all.push(...(await find(part)).map((face) => faceInOriginal(face, part.width / whole.width, cutout)));
  }
  return distinct(all, signal);
}

/** The surest of finds that are one face. */
async function distinct(found: readonly Face[], signal: AbortSignal | undefined): Promise<readonly Face[]> {
  const kept: Face[] = [];
  for (const [i, face] of [...found].sort((a, b) => b.score - a.score).entries()) {
    if (i % findsAtOnce === findsAtOnce - 1) await breathe(signal);
    if (kept.length === mostFaces) break;
    if (!kept.some((other) => sameFace(face, other) || overlaps(face, other))) kept.push(face);
  }
  return kept;
}

function overlaps({ box: a }: Face, { box: b }: Face): boolean {
  return intersectionOverUnion({ x1: a.x, y1: a.y, x2: a.x + a.width, y2: a.y + a.height }, { x1: b.x, y1: b.y, x2: b.x + b.width, y2: b.y + b.height }) > 0.4;
}

function surroundingsOf({ box }: Face, { width, height }: RgbImage): Cutout {
  const side = surroundings * Math.max(box.width, box.height, 1);
  const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, Math.round(value)));
  const [left, top] = [clamp(box.x + box.width / 2 - side / 2, width - 1), clamp(box.y + box.height / 2 - side / 2, height - 1)];
  const [right, bottom] = [clamp(box.x + box.width / 2 + side / 2, width), clamp(box.y + box.height / 2 + side / 2, height)];
  return { x: left, y: top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
}

function area(cutouts: readonly Cutout[]): number {
  return cutouts.reduce((sum, { width, height }) => sum + width * height, 0);
}
