import sharp, { type Sharp } from 'sharp';
import type { Embedded } from '../../recipe/outcome.ts';
import type { RgbImage } from '../../tensor/rgbImage.ts';

const quality = 80;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size of a picture that is shown in a square of `side` px: never larger than it is. */
export function fitted({ width, height }: Size, side: number): Size {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

export function rawPicture({ width, height, data }: RgbImage): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
}

/** A picture in another size, of whatever proportions. */
export async function resized(image: RgbImage, { width, height }: Size): Promise<RgbImage> {
  if (image.width === width && image.height === height) return image;
  return { width, height, data: new Uint8Array(await rawPicture(image).resize(width, height, { fit: 'fill' }).removeAlpha().raw().toBuffer()) };
}

/** A picture for looking at. */
export async function embedded(image: RgbImage): Promise<Embedded> {
  return { mime: 'image/webp', data: (await rawPicture(image).webp({ quality }).toBuffer()).toString('base64'), width: image.width, height: image.height };
}

/** A small PNG of a palette of 256 colours. */
export async function embeddedPng(image: RgbImage): Promise<Embedded> {
  return { mime: 'image/png', data: (await rawPicture(image).png({ palette: true, colours: 256, effort: 7 }).toBuffer()).toString('base64'), width: image.width, height: image.height };
}
