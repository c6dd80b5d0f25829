import type { RgbImage, Samples } from '../tensor/rgbImage.ts';
import { roundHalfEven } from '../tensor/rounding.ts';
import { matrixOf } from './align.ts';
import { blendWeights, maskMargin, type MaskKind } from './mask.ts';
import { apply, invert, type Similarity } from './similarity.ts';
import { warpAffine, type Affine, type Region } from './warp.ts';

export interface PasteOptions {
  readonly mask: MaskKind;
  /** How many times the picture is enlarged compared with the one the crop was cut from; 1 where absent. */
  readonly upscale?: number;
  /** 0 leaves the picture, 1 is the restored face in full. */
  readonly strength?: number;
  /** The reference cuts decimals off; 'nearest' is half a level closer. */
  readonly rounding?: 'nearest' | 'truncate';
}

/**
 * Blends a restored crop into a picture, in place; only the pixels around the face are touched. 16-bit pictures take the crop's 8-bit values times 257.
 * @param face the square crop
 * @param toCrop the similarity that cut it out
 */
export function pasteFace(picture: RgbImage<Samples>, face: RgbImage, toCrop: Similarity, { mask: kind, upscale = 1, strength = 1, rounding = 'nearest' }: PasteOptions): void {
  const matrix = inverseMatrix(toCrop, upscale);
  const region = regionOf(matrix, face.width, picture.width, picture.height, kind, upscale);
  if (region.width <= 0 || region.height <= 0) return;
  const { mask, inside } = blendWeights(kind, face.width, matrix, region, upscale);
  const warped = warpAffine({ ...face, channels: 3 }, matrix, region, [0, 0, 0]);
  const level = picture.data instanceof Uint16Array ? 257 : 1;
  const highest = 255 * level;
  for (let j = 0; j < region.height; j++) {
    for (let i = 0; i < region.width; i++) {
      const p = j * region.width + i;
      const weight = mask.data[p]! * strength;
      if (weight === 0) continue;
      const to = 3 * ((region.y + j) * picture.width + region.x + i);
      const scale = inside.data[p]! * level;
      for (let c = 0; c < 3; c++) {
        const value = weight * Math.fround(warped[3 * p + c]! * scale) + (1 - weight) * picture.data[to + c]!;
        picture.data[to + c] = Math.min(highest, rounding === 'truncate' ? Math.trunc(value) : roundHalfEven(value));
      }
    }
  }
}

/** From the crop to a picture enlarged `upscale` times. The reference shifts by half an output pixel per factor when it enlarges. */
export function inverseMatrix(toCrop: Similarity, upscale: number): Affine {
  const { a, b, tx, ty } = invert(toCrop);
  const shift = upscale > 1 ? 0.5 * upscale : 0;
  return matrixOf({ a: a * upscale, b: b * upscale, tx: tx * upscale + shift, ty: ty * upscale + shift });
}

/** The part of the picture a crop can change. */
export function regionOf(matrix: Affine, size: number, width: number, height: number, kind: MaskKind, upscale = 1): Region {
  const similarity: Similarity = { a: matrix[0], b: matrix[3], tx: matrix[2], ty: matrix[5] };
  const corners = [{ x: 0, y: 0 }, { x: size, y: 0 }, { x: 0, y: size }, { x: size, y: size }].map((corner) => apply(similarity, corner));
  const margin = maskMargin(kind, Math.hypot(matrix[0], matrix[3]) * size, upscale);
  const left = Math.max(0, Math.floor(Math.min(...corners.map(({ x }) => x)) - margin));
  const top = Math.max(0, Math.floor(Math.min(...corners.map(({ y }) => y)) - margin));
  const right = Math.min(width, Math.ceil(Math.max(...corners.map(({ x }) => x)) + margin));
  const bottom = Math.min(height, Math.ceil(Math.max(...corners.map(({ y }) => y)) + margin));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Draws the outline of a crop in green, as the reference's draw_box does; `area` is that of the pasted square in pixels of the picture. Only the parity runner calls it so far: the comparison with the reference's enlarged pictures needs it. */
export function outlineFace(picture: RgbImage, size: number, matrix: Affine, area: number): void {
  const border = Math.trunc(1400 / Math.sqrt(area));
  const frame = new Float32Array(size * size).fill(1);
  for (let y = border; y < size - border; y++) frame.fill(0, y * size + border, (y + 1) * size - border);
  const region = regionOf(matrix, size, picture.width, picture.height, { kind: 'oval' });
  const weights = warpAffine({ data: frame, width: size, height: size, channels: 1 }, matrix, region, [0]);
  for (let p = 0; p < weights.length; p++) {
    const to = 3 * ((region.y + Math.floor(p / region.width)) * picture.width + region.x + (p % region.width));
    const keep = 1 - weights[p]!;
    picture.data[to] = roundHalfEven(picture.data[to]! * keep);
    picture.data[to + 1] = roundHalfEven(picture.data[to + 1]! * keep + 255 * weights[p]!);
    picture.data[to + 2] = roundHalfEven(picture.data[to + 2]! * keep);
  }
}
