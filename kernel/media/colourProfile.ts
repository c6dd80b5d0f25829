import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import type { RgbImage } from '../tensor/rgbImage.ts';

/** Bytes 16 to 19 of a profile name the colour space it describes (ICC.1:2022, 7.2.6). */
export function isRgbProfile(icc: Buffer): boolean {
  return icc.toString('latin1', 16, 20) === 'RGB ';
}

/**
 * The same colours in another RGB space; what that space lacks becomes its nearest colour.
 * @param image sRGB
 * @param icc profile of the other space; the picture comes back as it is where there is none
 */
export async function fromSrgb(image: RgbImage, icc: Buffer | undefined): Promise<RgbImage> {
  if (!icc) return image;
  const { width, height, data } = image;
  const folder = await mkdtemp(join(tmpdir(), 'difface-profile-'));     // sharp takes profiles as files alone
  try {
    const profile = join(folder, 'profile.icc');
    await writeFile(profile, icc);
    const converted = await sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false }).withIccProfile(profile).raw().toBuffer();
    return { width, height, data: new Uint8Array(converted) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Says in which colours the samples of a PNG file are: chunk iCCP after the header (PNG 3rd edition, 11.3.2.3). sharp embeds a profile into raw samples only
 * by converting them to it, and these are in it already.
 */
export function insertPngProfile(png: Buffer, icc: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('iCCPicc\0\0', 'latin1'), deflateSync(icc)]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  const headerEnd = 8 + 25;
  return Buffer.concat([png.subarray(0, headerEnd), chunk, png.subarray(headerEnd)]);
}
