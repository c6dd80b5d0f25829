import type { RgbImage } from '../tensor/rgbImage.ts';
import type { Face } from './face.ts';

/** A rectangle of a picture in whole pixels. */
export interface Cutout {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Copies a rectangle that lies inside of the picture. */
export function cutPicture({ width: full, data }: RgbImage, { x, y, width, height }: Cutout): RgbImage {
  const out = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++) out.set(data.subarray(3 * ((y + row) * full + x), 3 * ((y + row) * full + x + width)), 3 * row * width);
  return { width, height, data: out };
}

/** A face of a picture that was scaled by `scale` and cut out at (x, y), where it is in the original. */
export function faceInOriginal({ box, score, landmarks }: Face, scale: number, { x, y }: Pick<Cutout, 'x' | 'y'> = { x: 0, y: 0 }): Face {
  const point = (p: { readonly x: number; readonly y: number }): { readonly x: number; readonly y: number } => ({ x: p.x / scale + x, y: p.y / scale + y });
  const [a, b, c, d, e] = landmarks;
  return { box: { ...point(box), width: box.width / scale, height: box.height / scale }, score, landmarks: [point(a), point(b), point(c), point(d), point(e)] };
}

/**
 * Overlapping rectangles of at most `mostPixels` that cover a picture.
 * @param overlap pixels that neighbours have in common, at the least
 */
export function overlappingCutouts({ width, height }: Pick<RgbImage, 'width' | 'height'>, mostPixels: number, overlap: number): readonly Cutout[] {
  const side = Math.max(2 * overlap, Math.floor(Math.sqrt(mostPixels)));
  const spans = (length: number): readonly { readonly from: number; readonly to: number }[] => {
    const count = length <= side ? 1 : Math.ceil((length - overlap) / (side - overlap));
    const extent = Math.min(length, side);
    return Array.from({ length: count }, (_, i) => {
      const from = count === 1 ? 0 : Math.round(((length - extent) * i) / (count - 1));
      return { from, to: from + extent };
    });
  };
  return spans(height).flatMap((rows) => spans(width).map((columns) => ({ x: columns.from, y: rows.from, width: columns.to - columns.from, height: rows.to - rows.from })));
}

/** Whether a face's box lies against a border of the cutout that is not one of the picture: it may be cut off. */
export function touchesCut({ box }: Face, cut: Cutout, { width, height }: Pick<RgbImage, 'width' | 'height'>): boolean {
  const margin = 0.1 * Math.max(box.width, box.height);
  return (cut.x > 0 && box.x < cut.x + margin) || (cut.y > 0 && box.y < cut.y + margin)
    || (cut.x + cut.width < width && box.x + box.width > cut.x + cut.width - margin) || (cut.y + cut.height < height && box.y + box.height > cut.y + cut.height - margin);
}
