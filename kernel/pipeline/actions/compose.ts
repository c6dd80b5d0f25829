import type { RgbImage } from '../../tensor/rgbImage.ts';
import { fitted, resized } from './embed.ts';

/** Widest and highest picture for pages that know nothing of us. */
export const pictureSide = 640;
const gap = 4;

/**
 * Pictures in rows on white, none wider or higher than fits: all cells are as large as the first.
 * @param rows at least one picture; a row may be shorter than others
 */
export async function composed(rows: readonly (readonly RgbImage[])[], side = pictureSide): Promise<RgbImage> {
  const columns = Math.max(...rows.map((row) => row.length));
  const first = rows[0]![0]!;
  const whole = { width: columns * first.width, height: rows.length * first.height };
  const scale = Math.min(1, (side - (columns - 1) * gap) / whole.width, (side - (rows.length - 1) * gap) / whole.height);
  const cell = { width: Math.max(1, Math.floor(first.width * scale)), height: Math.max(1, Math.floor(first.height * scale)) };
  const sheet: RgbImage = white(columns * (cell.width + gap) - gap, rows.length * (cell.height + gap) - gap);
  for (const [r, row] of rows.entries()) for (const [c, image] of row.entries()) place(sheet, await resized(image, cell), c * (cell.width + gap), r * (cell.height + gap));
  return sheet;
}

/** One picture as large as fits. */
export function single(image: RgbImage, side = pictureSide): Promise<RgbImage> {
  return resized(image, fitted(image, side));
}

function white(width: number, height: number): RgbImage {
  return { width, height, data: new Uint8Array(3 * width * height).fill(255) };
}

function place(sheet: RgbImage, image: RgbImage, left: number, top: number): void {
  for (let y = 0; y < image.height; y++) sheet.data.set(image.data.subarray(3 * y * image.width, 3 * (y + 1) * image.width), 3 * ((top + y) * sheet.width + left));
}
