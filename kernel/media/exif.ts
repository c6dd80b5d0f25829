import { crc32 } from 'node:zlib';

/** Sets the orientation (tag 0x0112 of the first directory) of an EXIF block to 1, "upright"; the block may begin with "Exif\0\0". */
export function uprightExif(block: Buffer): Buffer {
  const tiff = Buffer.from(block.subarray(block.toString('latin1', 0, 4) === 'Exif' ? 6 : 0));
  if (tiff.length < 14) return tiff;
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number): number => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) return tiff;
  const count = u16(directory);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i;
    if (entry + 12 > tiff.length) break;
    if (u16(entry) !== 0x0112) continue;
    if (little) tiff.writeUInt16LE(1, entry + 8);
    else tiff.writeUInt16BE(1, entry + 8);
  }
  return tiff;
}

/**
 * Puts an EXIF block (TIFF structure) into an encoded picture; sharp can keep one only when it decodes and encodes in one go.
 * JPEG: segment APP1 after the start (Exif 2.3, 4.7.2); PNG: chunk eXIf after the header (PNG extensions 1.5.0); WebP: chunk EXIF at the end, announced in the
 * extended header (RFC 9649, 2.7). Other formats are left as they are.
 */
export function insertExif(file: Buffer, format: string, tiff: Buffer): Buffer {
  if (format === 'jpeg' && tiff.length + 8 <= 0xffff) {
    const segment = Buffer.alloc(10);
    segment.writeUInt16BE(0xffe1, 0);
    segment.writeUInt16BE(tiff.length + 8, 2);
    segment.write('Exif\0\0', 4, 'latin1');
    return Buffer.concat([file.subarray(0, 2), segment, tiff, file.subarray(2)]);
  }
  if (format === 'png') {
    const body = Buffer.concat([Buffer.from('eXIf', 'latin1'), tiff]);
    const chunk = Buffer.alloc(body.length + 8);
    chunk.writeUInt32BE(tiff.length, 0);
    body.copy(chunk, 4);
    chunk.writeUInt32BE(crc32(body), body.length + 4);
    const headerEnd = 8 + 25;
    return Buffer.concat([file.subarray(0, headerEnd), chunk, file.subarray(headerEnd)]);
  }
  return format === 'webp' ? insertWebpExif(file, tiff) : file;
}

const exifFlag = 0x08;
const alphaFlag = 0x10;

function insertWebpExif(file: Buffer, tiff: Buffer): Buffer {
  const chunk = (name: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.write(name, 0, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
  };
  const first = file.toString('latin1', 12, 16);
  const content = first === 'VP8X' ? Buffer.from(file.subarray(12)) : Buffer.concat([chunk('VP8X', extendedHeader(file)), file.subarray(12)]);
  content[8]! |= exifFlag;
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), content, chunk('EXIF', tiff)]);
  return chunk('RIFF', body);
}

/** What a simple WebP file says in the headers of its bitstream: size (each less one, 24 bit) and, when lossless, whether it has alpha. */
function extendedHeader(file: Buffer): Buffer {
  const header = Buffer.alloc(10);
  let [width, height] = [0, 0];
  if (file.toString('latin1', 12, 16) === 'VP8L') {
    const bits = file.readUInt32LE(21);
    [width, height] = [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
    if ((bits >>> 28) & 1) header[0] = alphaFlag;
  } else {
    [width, height] = [file.readUInt16LE(26) & 0x3fff, file.readUInt16LE(28) & 0x3fff];
  }
  header.writeUIntLE(width - 1, 4, 3);
  header.writeUIntLE(height - 1, 7, 3);
  return header;
}
