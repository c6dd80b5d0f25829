import { decode } from 'bmp-ts';

/** A BMP picture as interleaved RGB, top row first: the one common format that libvips' prebuilt library cannot read. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

/** Reads the size from a file's first bytes; undefined for files that are no BMP. */
export function bitmapSize(head: Buffer): { readonly width: number; readonly height: number } | undefined {
  if (head.length < 26 || head.toString('latin1', 0, 2) !== 'BM') return undefined;
  if (head.readUInt32LE(14) === 12) return { width: head.readUInt16LE(18), height: head.readUInt16LE(20) };   // OS/2's header
  return { width: head.readInt32LE(18), height: Math.abs(head.readInt32LE(22)) };
}

/** @throws Error when the file is damaged or of a rare kind */
export function decodeBitmap(file: Buffer): Bitmap {
  const { width, height, data } = decode(file, { toRGBA: true });
  const rgb = Buffer.alloc(3 * width * height);
  for (let i = 0; i < width * height; i++) data.copy(rgb, 3 * i, 4 * i, 4 * i + 3);
  return { width, height, data: rgb };
}
