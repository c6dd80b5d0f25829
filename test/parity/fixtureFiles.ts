import { access } from 'node:fs/promises';
import { readPicture } from '../../kernel/media/image.ts';
import type { RgbImage } from '../../kernel/tensor/rgbImage.ts';

export function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

/** A picture of a fixture as 8-bit RGB. */
export async function picture(path: string): Promise<RgbImage> {
  return (await readPicture(path)).view;
}
