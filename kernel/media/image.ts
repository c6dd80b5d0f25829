import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { KernelFailure } from '../failure.ts';
import type { RgbImage, Samples } from '../tensor/rgbImage.ts';
import { writeWhole } from './atomicFile.ts';
import { bitmapSize, decodeBitmap, type Bitmap } from './bmp.ts';
import { insertExif, uprightExif } from './exif.ts';

/** A decoded picture: upright, sRGB. */
export interface Picture {
  readonly path: string;
  readonly format: string;
  /** 8 or 16 bit, as in the file. */
  readonly image: RgbImage<Samples>;
  /** Alpha samples of the same depth, where the file has any transparency. */
  readonly alpha?: Samples;
  readonly metadata: Metadata;
  /** What a person should know about how the file was read. */
  readonly notes: readonly string[];
}

/** Formats that come back as they were; others are written as PNG. */
const writable: Readonly<Record<string, (image: Sharp, source: Metadata) => Sharp>> = {
  jpeg: (image, source) => image.jpeg({ quality: 95, chromaSubsampling: source.chromaSubsampling === '4:4:4' ? '4:4:4' : '4:2:0' }),
  png: (image) => image.png(),
  webp: (image) => image.webp({ quality: 95 }),
  tiff: (image) => image.tiff({ compression: 'lzw', predictor: 'horizontal' }),
};

const pixelLimit = 100_000_000;                                         // 8 bit RGB: 300 MB; larger pictures would need tiles throughout

/**
 * Decodes a picture. Orientation is applied; CMYK becomes sRGB; grey becomes RGB.
 * @throws KernelFailure('input') naming the file, the cause and what to do
 */
export async function readPicture(path: string): Promise<Picture> {
  const found = await stat(path).catch((error: unknown) => {
    throw new KernelFailure('input', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  });
  if (!found.isFile()) throw new KernelFailure('input', `${path} is not a regular file`);
  if (found.size === 0) throw new KernelFailure('input', `${path} is empty`);
  const bitmap = await readBitmap(path);
  const source = (limit: number | false): Sharp => (bitmap ? sharp(bitmap.data, { raw: { width: bitmap.width, height: bitmap.height, channels: 3 } }) : sharp(path, { limitInputPixels: limit, failOn: 'error' }));
  let metadata: Metadata;
  try {
    metadata = await source(false).metadata();
  } catch (error) {
    throw new KernelFailure('input', `${path} is no picture that can be read (${messageOf(error)}); JPEG, PNG, WebP, TIFF, AVIF, GIF and BMP can`, { cause: error });
  }
  checkSize(path, metadata);
  const format = bitmap ? 'bmp' : metadata.format;
  if ((metadata.pages ?? 1) > 1) throw new KernelFailure('input', `${path} holds ${metadata.pages ?? 0} pictures (an animation or several pages); save the one to restore as a file of its own`);
  const notes: string[] = [];
  const deep = metadata.depth === 'ushort' && (format === 'png' || format === 'tiff');
  if (metadata.exif && format === 'tiff') notes.push('the EXIF block of a TIFF is not kept');
  if (metadata.space === 'cmyk') notes.push('the CMYK picture was converted to sRGB');
  try {
    let pipeline = source(pixelLimit).autoOrient();
    if (metadata.space === 'cmyk') pipeline = pipeline.toColourspace('srgb');
    else if (deep) pipeline = pipeline.toColourspace('rgb16');
    const { data, info } = await pipeline.raw({ depth: deep ? 'ushort' : 'uchar' }).toBuffer({ resolveWithObject: true });
    const samples: Samples = deep ? new Uint16Array(new Uint8Array(data).buffer) : new Uint8Array(data);
    const { rgb, alpha } = separate(samples, info.channels);
    return { path, format, image: { width: info.width, height: info.height, data: rgb }, ...(alpha ? { alpha } : {}), metadata, notes };
  } catch (error) {
    throw new KernelFailure('input', `${path} is damaged and cannot be decoded: ${messageOf(error)}`, { cause: error });
  }
}

function checkSize(path: string, { width, height }: { readonly width: number; readonly height: number }): void {
  if (width * height > pixelLimit) throw new KernelFailure('input', `${path} has ${width}x${height} pixels; up to ${pixelLimit / 1e6} megapixels can be restored: crop or scale it down first`);
}

/** @returns undefined for files that are no BMP */
async function readBitmap(path: string): Promise<Bitmap | undefined> {
  const head = Buffer.alloc(26);
  const file = await open(path);
  try {
    await file.read(head, 0, head.length, 0);
  } finally {
    await file.close();
  }
  const size = bitmapSize(head);
  if (!size) return undefined;
  checkSize(path, size);
  try {
    return decodeBitmap(await readFile(path));
  } catch (error) {
    throw new KernelFailure('input', `${path} is a damaged BMP picture, or of a kind that cannot be read (${messageOf(error)}); save it as PNG`, { cause: error });
  }
}

/** The picture as 8 bit, for detection and for crops; the same object where it is 8 bit already. */
export function eightBit(image: RgbImage<Samples>): RgbImage {
  if (image.data instanceof Uint8Array) return { ...image, data: image.data };
  const data = new Uint8Array(image.data.length);
  for (let i = 0; i < data.length; i++) data[i] = Math.round(image.data[i]! / 257);
  return { ...image, data };
}

/**
 * Writes a restored picture in the format, depth and colour profile of its source, with its XMP and (JPEG, PNG) EXIF, the orientation applied.
 * @returns the path it was given: `wanted`, or the next free name
 * @throws KernelFailure('output') when it cannot be written
 */
export async function writePicture(wanted: string, image: RgbImage<Samples>, source: Picture): Promise<string> {
  const { metadata } = source;
  return writeWhole(wanted, async (temporary) => {
    const channels = source.alpha ? 4 : 3;
    const format = source.format in writable ? source.format : 'png';
    let output = sharp(join(image.data, source.alpha), { raw: { width: image.width, height: image.height, channels }, limitInputPixels: false });
    if (image.data instanceof Uint16Array) output = output.toColourspace('rgb16');
    if (metadata.density !== undefined) output = output.withMetadata({ density: metadata.density });
    if (metadata.xmpAsString !== undefined) output = output.withXmp(metadata.xmpAsString);
    const profile = `${temporary}.icc`;
    try {
      if (metadata.icc && isRgbProfile(metadata.icc)) {
        await writeFile(profile, metadata.icc);
        output = output.withIccProfile(profile);                        // converts from sRGB to the source's profile and embeds it
      }
      const encoded = await writable[format]!(output, metadata).toBuffer();
      await writeFile(temporary, metadata.exif ? insertExif(encoded, format, uprightExif(metadata.exif)) : encoded);
    } finally {
      await rm(profile, { force: true });
    }
  });
}

/** The extension a result needs: the source's, or .png where its format cannot be written. */
export function resultExtension(path: string, format: string): string {
  return format in writable ? extname(path) : '.png';
}

/** Bytes 16 to 19 of a profile name the colour space it describes (ICC.1:2022, 7.2.6). */
function isRgbProfile(icc: Buffer): boolean {
  return icc.toString('latin1', 16, 20) === 'RGB ';
}

function separate(samples: Samples, channels: number): { rgb: Samples; alpha?: Samples } {
  if (channels === 3) return { rgb: samples };
  const count = samples.length / channels;
  const make = (length: number): Samples => (samples instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length));
  const rgb = make(3 * count);
  const alpha = channels === 2 || channels === 4 ? make(count) : undefined;
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = samples[channels * i + (channels < 3 ? 0 : c)]!;
    if (alpha) alpha[i] = samples[channels * i + channels - 1]!;
  }
  return alpha ? { rgb, alpha } : { rgb };
}

function join(rgb: Samples, alpha: Samples | undefined): Samples {
  if (!alpha) return rgb;
  const count = alpha.length;
  const out = rgb instanceof Uint16Array ? new Uint16Array(4 * count) : new Uint8Array(4 * count);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) out[4 * i + c] = rgb[3 * i + c]!;
    out[4 * i + 3] = alpha[i]!;
  }
  return out;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}

/** A picture of ours as PNG bytes. */
export function encodePng({ width, height, data }: RgbImage): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } }).png().toBuffer();
}

/** A picture of ours as JPEG bytes, for looking at. @param quality 1 .. 100 */
export function encodeJpeg({ width, height, data }: RgbImage, quality: number): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } }).jpeg({ quality, chromaSubsampling: quality >= 90 ? '4:4:4' : '4:2:0' }).toBuffer();
}

/** A picture scaled to fit a square of `side` px; smaller ones stay as they are. */
export async function scaledToFit(image: RgbImage, side: number): Promise<RgbImage> {
  if (image.width <= side && image.height <= side) return image;
  const { data, info } = await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } }).resize(side, side, { fit: 'inside' }).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}
