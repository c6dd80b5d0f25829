import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { KernelFailure, messageOf, unreadable } from '../failure.ts';
import type { RgbImage, Samples } from '../tensor/rgbImage.ts';
import { writeWhole } from './atomicFile.ts';
import { bitmapSize, decodeBitmap, type Bitmap } from './bmp.ts';
import { insertPngProfile, isRgbProfile } from './colourProfile.ts';
import { insertExif, uprightExif } from './exif.ts';

/** A decoded picture, upright. */
export interface Picture {
  readonly path: string;
  readonly format: string;
  /** The file's own samples, 8 or 16 bit, in the colours of `profile`: what is not restored is written as it was read. */
  readonly image: RgbImage<Samples>;
  /** The same as 8-bit sRGB: what is searched, restored and shown. Shares its data with `image` where that is 8-bit sRGB already. */
  readonly view: RgbImage;
  /** ICC profile of `image`; sRGB where absent. */
  readonly profile?: Buffer;
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
 * Decodes a picture. Orientation is applied; CMYK and grey with a profile become sRGB; other grey becomes RGB.
 * @throws KernelFailure('input') naming the file, the cause and what to do
 */
export async function readPicture(path: string): Promise<Picture> {
  await refuseNoFile(path);
  const bitmap = await readBitmap(path);
  const source = (options: SharpOptions): Sharp => (bitmap ? sharp(bitmap.data, { raw: { width: bitmap.width, height: bitmap.height, channels: 3 } }) : sharp(path, { failOn: 'error', ...options }));
  const metadata = await checkedMetadata(path, source({ limitInputPixels: false }));
  const format = bitmap ? 'bmp' : metadata.format;
  const notes: string[] = [];
  if (metadata.exif && format === 'tiff') notes.push('the EXIF block of a TIFF is not kept');
  if (metadata.space === 'cmyk') notes.push('the CMYK picture was converted to sRGB');
  if (!Object.hasOwn(writable, format)) notes.push(`${metadata.compression === 'av1' ? 'AVIF' : format.toUpperCase()} is not written here; the result is a PNG`);
  const deep = metadata.depth === 'ushort' && metadata.space !== 'cmyk';
  const profile = metadata.icc && isRgbProfile(metadata.icc) && ['srgb', 'rgb', 'rgb16'].includes(metadata.space) ? metadata.icc : undefined;
  try {
    const { image, alpha } = await decode(source({ limitInputPixels: pixelLimit, ignoreIcc: profile !== undefined }), deep);
    // sharp takes 16 bit to the colours of Display P3 on its own, hence the second conversion
    const view = profile ? (await decode(deep ? source({ limitInputPixels: pixelLimit }).withIccProfile('srgb') : source({ limitInputPixels: pixelLimit }), deep)).image : image;
    return { path, format, image, view: eightBit(view), ...(profile ? { profile } : {}), ...(alpha ? { alpha } : {}), metadata, notes };
  } catch (error) {
    throw new KernelFailure('input', `${path} is damaged and cannot be decoded: ${messageOf(error)}`, { cause: error });
  }
}

/** What a picture's header says; its size is that of the upright picture, in pixels. */
export interface PictureHeader {
  readonly format: string;
  readonly width: number;
  readonly height: number;
}

/**
 * Reads the header of a picture alone.
 * @throws KernelFailure('input') where `readPicture` would, but for what is damaged behind it
 */
export async function readPictureHeader(path: string): Promise<PictureHeader> {
  await refuseNoFile(path);
  const bitmap = await bitmapHeader(path);
  if (bitmap) return { format: 'bmp', ...bitmap };
  const { format, autoOrient } = await checkedMetadata(path, sharp(path, { failOn: 'error', limitInputPixels: false }));
  return { format, ...autoOrient };
}

async function refuseNoFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!found.isFile()) throw new KernelFailure('input', `${path} is not a regular file`);
  if (found.size === 0) throw new KernelFailure('input', `${path} is empty`);
}

/** @throws KernelFailure('input') for what is no picture, or none that is restored */
async function checkedMetadata(path: string, source: Sharp): Promise<Metadata> {
  const metadata = await source.metadata().catch((error: unknown) => {
    throw new KernelFailure('input', `${path} is no picture that can be read (${messageOf(error)}); JPEG, PNG, WebP, TIFF, AVIF, GIF and BMP can`, { cause: error });
  });
  checkSize(path, metadata);
  if ((metadata.pages ?? 1) > 1) throw new KernelFailure('input', `${path} holds ${metadata.pages ?? 0} pictures (an animation or several pages); save the one to restore as a file of its own`);
  if (metadata.depth !== 'uchar' && metadata.depth !== 'ushort') throw new KernelFailure('input', `${path} holds ${metadata.depth} samples, whose range of brightness is not told; save it with 8 or 16 bit whole numbers`);
  return metadata;
}

async function decode(source: Sharp, deep: boolean): Promise<{ readonly image: RgbImage<Samples>; readonly alpha?: Samples }> {
  const { data, info } = await source.autoOrient().toColourspace(deep ? 'rgb16' : 'srgb').raw({ depth: deep ? 'ushort' : 'uchar' }).toBuffer({ resolveWithObject: true });
  const samples: Samples = deep ? new Uint16Array(new Uint8Array(data).buffer) : new Uint8Array(data);
  const { rgb, alpha } = separate(samples, info.channels);
  return { image: { width: info.width, height: info.height, data: rgb }, ...(alpha ? { alpha } : {}) };
}

function checkSize(path: string, { width, height }: { readonly width: number; readonly height: number }): void {
  if (width * height > pixelLimit) throw new KernelFailure('input', `${path} has ${width}x${height} pixels; up to ${pixelLimit / 1e6} megapixels can be restored: crop or scale it down first`);
}

/** @returns undefined for files that are no BMP */
async function bitmapHeader(path: string): Promise<ReturnType<typeof bitmapSize>> {
  let head = Buffer.alloc(26);
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    head = head.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
  const size = bitmapSize(head);
  if (size && Math.min(size.width, size.height) < 1) throw new KernelFailure('input', `${path} is a damaged BMP picture: its header says ${size.width} x ${size.height} px`);
  if (size) checkSize(path, size);
  return size;
}

/** @returns undefined for files that are no BMP */
async function readBitmap(path: string): Promise<Bitmap | undefined> {
  if (!(await bitmapHeader(path))) return undefined;
  try {
    return decodeBitmap(await readFile(path));
  } catch (error) {
    throw new KernelFailure('input', `${path} is a damaged BMP picture, or of a kind that cannot be read (${messageOf(error)}); save it as PNG`, { cause: error });
  }
}

/** The picture as 8 bit; the same data where it is 8 bit already. */
function eightBit(image: RgbImage<Samples>): RgbImage {
  if (image.data instanceof Uint8Array) return { ...image, data: image.data };
  const data = new Uint8Array(image.data.length);
  for (let i = 0; i < data.length; i++) data[i] = Math.round(image.data[i]! / 257);
  return { ...image, data };
}

/**
 * Writes a restored picture in the format, depth and colour profile of its source, with its XMP and (JPEG, PNG, WebP) EXIF, the orientation applied.
 * @param image of the source's size, depth and colours
 * @returns the path it was given: `wanted`, or the next free name
 * @throws KernelFailure('output') when it cannot be written
 */
export async function writePicture(wanted: string, image: RgbImage<Samples>, source: Picture): Promise<string> {
  const { metadata } = source;
  return writeWhole(wanted, async (temporary) => {
    const format = Object.hasOwn(writable, source.format) ? source.format : 'png';
    let output = await tagged(image, source);
    if (image.data instanceof Uint16Array) output = output.toColourspace('rgb16');
    if (metadata.density !== undefined) output = output.withDensity(metadata.density);
    if (metadata.xmpAsString !== undefined) output = output.withXmp(metadata.xmpAsString);
    const encoded = await writable[format]!(output, metadata).toBuffer();
    await writeFile(temporary, metadata.exif ? insertExif(encoded, format, uprightExif(metadata.exif)) : encoded);
  });
}

/** Samples with the source's transparency, and the name of the colours they are in. */
async function tagged(image: RgbImage<Samples>, { alpha, profile }: Picture): Promise<Sharp> {
  const raw = sharp(join(image.data, alpha), { raw: { width: image.width, height: image.height, channels: alpha ? 4 : 3 }, limitInputPixels: false });
  if (!profile) return raw;
  const samples = image.data instanceof Uint16Array ? raw.toColourspace('rgb16') : raw;
  return sharp(insertPngProfile(await samples.png({ compressionLevel: 0 }).toBuffer(), profile), { limitInputPixels: false }).keepIccProfile();
}

/** The extension a result needs: the source's, or .png where its format cannot be written. */
export function resultExtension(path: string, format: string): string {
  return Object.hasOwn(writable, format) ? extname(path) : '.png';
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

/** @param alpha of the same depth */
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
