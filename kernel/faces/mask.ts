import { erode, gaussianBlur, type FloatPlane } from './filters.ts';
import { resizePlane } from './resize.ts';
import { warpAffine, type Affine, type Region } from './warp.ts';

/** How a restored crop is blended into the picture. */
export type MaskKind =
  /** An oval around the face with a wide feather, fixed in crop space: nothing of the crop's surroundings is pasted, no seam, no shimmer in clips. */
  | { readonly kind: 'oval' }
  /** The reference's: the whole crop eroded and blurred, and where a parser gave labels the face's parts alone. */
  | { readonly kind: 'reference'; readonly labels?: Labels };

/** The part of a face each pixel belongs to, a square row by row: classes of the face parser. */
export type Labels = Uint8Array;

/** The parser sees crops of this side, whatever the model's are. */
export const parsedSide = 512;

/** Weight (0..1) of the crop at each pixel of the region, and what the crop's samples are multiplied with before. */
export interface BlendWeights {
  readonly mask: FloatPlane;
  readonly inside: FloatPlane;
}

/**
 * @param size side of the crop
 * @param matrix from the crop to the picture
 * @param region part of the picture; beyond it the weights are 0
 * @param upscale how many times the picture is enlarged
 */
export function blendWeights(kind: MaskKind, size: number, matrix: Affine, region: Region, upscale = 1): BlendWeights {
  const plane = (data: Float64Array): FloatPlane => ({ data: warpAffine({ data, width: size, height: size, channels: 1 }, matrix, region, [0]), width: region.width, height: region.height });
  if (kind.kind === 'oval') {
    const mask = plane(ovalMask(size));
    return { mask, inside: { ...mask, data: new Float64Array(mask.data.length).fill(1) } };
  }
  const inside = erode(plane(new Float64Array(size * size).fill(1)), 2 * upscale);
  const edge = Math.floor(Math.floor(Math.sqrt(inside.data.reduce((sum, value) => sum + value, 0))) / 20);
  const soft = gaussianBlur(erode(inside, 2 * edge), 2 * edge + 1, undefined, 'single');
  if (!kind.labels) return { mask: soft, inside };
  const parsed = plane(parseMask(kind.labels, size));
  return { mask: { ...soft, data: soft.data.map((value, i) => Math.min(value, parsed.data[i]!)) }, inside };
}

/** How far from the face the reference's mask reaches: what must be in the region for its filters to see all they need. */
export function maskMargin({ kind }: MaskKind, sideInPicture: number, upscale = 1): number {
  return kind === 'oval' ? 1 : Math.ceil(sideInPicture / 5) + 4 * upscale;
}

/** A superellipse that holds brows, chin and ears of an aligned face, falling smoothly from 1 to 0 before the crop's border. */
function ovalMask(size: number): Float64Array {
  const mask = new Float64Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const u = Math.abs((x + 0.5) / size - 0.5) / 0.46;
      const v = Math.abs((y + 0.5) / size - 0.53) / 0.45;
      const distance = (u ** 2.5 + v ** 2.5) ** (1 / 2.5);
      const t = Math.min(1, Math.max(0, (1 - distance) / 0.35));
      mask[y * size + x] = t * t * t * (t * (6 * t - 15) + 10);
    }
  }
  return mask;
}

/** Skin, features, ears, mouth, hair and earrings as the reference keeps them: classes 1 to 13 and 15 of 19. */
const keptClasses = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15]);

/** The label map as a soft mask for crops of `size` px: two Gaussian blurs (101 px, sigma 11), 10 px of border cleared. Values 0..1. */
export function parseMask(labels: Labels, size: number): Float64Array {
  const side = Math.sqrt(labels.length);
  const binary = { data: Float64Array.from(labels, (label) => (keptClasses.has(label) ? 255 : 0)), width: side, height: side };
  const { data } = gaussianBlur(gaussianBlur(binary, 101, 11), 101, 11);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (y < 10 || x < 10 || y >= side - 10 || x >= side - 10) data[y * side + x] = 0;
      data[y * side + x]! /= 255;
    }
  }
  return resizePlane({ data, width: side, height: side }, size);
}
