import { open } from 'node:fs/promises';

/** Where the head of a Matroska file ends at the latest: what is looked for stands before the first frame. */
const headBytes = 1 << 16;

const ids = { segment: 0x18538067, info: 0x1549a966, timestampScale: 0x2ad7b1, duration: 0x4489 } as const;

/**
 * Gives a Matroska or WebM file its duration (RFC 9559, 5.1.2.10). ffmpeg counts up to the last frame's presentation where that frame says no duration of its own.
 * A file without the element is left as it is.
 * @param seconds from time 0 to the end of the last frame
 */
export async function setMatroskaDuration(path: string, seconds: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const head = Buffer.alloc(headBytes);
    const { bytesRead } = await file.read(head, 0, headBytes, 0);
    const bytes = head.subarray(0, bytesRead);
    const segment = elements(bytes, 0, bytes.length).find(({ id }) => id === ids.segment);
    const info = segment && elements(bytes, segment.start, segment.end).find(({ id }) => id === ids.info);
    const inside = info ? elements(bytes, info.start, info.end) : [];
    const duration = inside.find(({ id }) => id === ids.duration);
    if (!duration) return;
    const scale = inside.find(({ id }) => id === ids.timestampScale);
    const tick = scale ? bytes.readUIntBE(scale.start, Math.min(6, scale.end - scale.start)) : 1_000_000;
    const long = duration.end - duration.start === 8;
    const value = Buffer.alloc(long ? 8 : 4);
    if (long) value.writeDoubleBE((seconds * 1e9) / tick);
    else value.writeFloatBE((seconds * 1e9) / tick);
    await file.write(value, 0, value.length, duration.start);
  } finally {
    await file.close();
  }
}

interface Element {
  readonly id: number;
  /** Where the content begins and ends; the end may lie beyond what was read. */
  readonly start: number;
  readonly end: number;
}

/** The elements between two places (RFC 8794); stops at the first that is cut off. */
function elements(bytes: Buffer, from: number, to: number): readonly Element[] {
  const found: Element[] = [];
  for (let at = from; at + 2 <= Math.min(to, bytes.length);) {
    const idLength = Math.clz32(bytes[at]!) - 23;
    const sizeLength = Math.clz32(bytes[at + idLength] ?? 0) - 23;
    const start = at + idLength + sizeLength;
    if (idLength > 4 || sizeLength > 8 || start > bytes.length) break;
    const id = bytes.readUIntBE(at, idLength);
    const size = bytes.subarray(at + idLength, start).reduce((sum, byte, i) => sum * 256 + (i === 0 ? byte & (0xff >> sizeLength) : byte), 0);
    const unknown = size === 2 ** (7 * sizeLength) - 1;
    found.push({ id, start, end: unknown ? to : Math.min(to, start + size) });
    at = unknown ? to : start + size;
  }
  return found;
}
