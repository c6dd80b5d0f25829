import { open, type FileHandle } from 'node:fs/promises';

/**
 * Gives the last video frame of an MP4 or MOV file its duration. ffmpeg writes none for a variable frame rate, and a last frame that lasts no
 * time is cut off by players. Touches durations only: stts, mdhd, tkhd, elst and mvhd (ISO/IEC 14496-12, sections 8.2.2, 8.3.2, 8.4.2, 8.6.1, 8.6.6).
 * @param seconds from the first frame's presentation to the end of the last one's
 */
export async function setShownDuration(path: string, seconds: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const place = await findMovie(file);
    if (!place) return;
    const moov = Buffer.alloc(place.size);
    await file.read(moov, 0, place.size, place.offset);
    if (extend(moov, seconds)) await file.write(moov, 0, place.size, place.offset);
  } finally {
    await file.close();
  }
}

interface Box {
  readonly type: string;
  /** Where the content begins and ends. */
  readonly start: number;
  readonly end: number;
}

async function findMovie(file: FileHandle): Promise<{ readonly offset: number; readonly size: number } | undefined> {
  const { size: total } = await file.stat();
  const head = Buffer.alloc(16);
  for (let at = 0; at + 8 <= total;) {
    await file.read(head, 0, 16, at);
    const short = head.readUInt32BE(0);
    const size = short === 1 ? Number(head.readBigUInt64BE(8)) : short === 0 ? total - at : short;
    if (size < 8) return undefined;
    if (head.toString('latin1', 4, 8) === 'moov') return size < 1 << 30 ? { offset: at, size } : undefined;
    at += size;
  }
  return undefined;
}

function extend(moov: Buffer, seconds: number): boolean {
  const movie = boxes(moov, 8, moov.length);
  const mvhd = movie.find(({ type }) => type === 'mvhd');
  for (const trak of movie.filter(({ type }) => type === 'trak')) {
    const hdlr = inside(moov, trak, ['mdia', 'hdlr']);
    if (!hdlr || moov.toString('latin1', hdlr.start + 8, hdlr.start + 12) !== 'vide') continue;
    const [stts, mdhd, tkhd, elst] = [inside(moov, trak, ['mdia', 'minf', 'stbl', 'stts']), inside(moov, trak, ['mdia', 'mdhd']), inside(moov, trak, ['tkhd']), inside(moov, trak, ['edts', 'elst'])];
    if (!stts || !mdhd || !mvhd) return false;
    const timescale = moov.readUInt32BE(mdhd.start + (moov[mdhd.start] === 1 ? 20 : 12));
    const movieScale = moov.readUInt32BE(mvhd.start + (moov[mvhd.start] === 1 ? 20 : 12));
    const movieGain = Math.round(seconds * movieScale) - shownDuration(moov, tkhd, elst);
    if (movieGain <= 0) return false;
    const gain = Math.round((movieGain / movieScale) * timescale);
    const entries = moov.readUInt32BE(stts.start + 4);
    const last = stts.start + 8 + 8 * (entries - 1);
    if (entries > 0 && moov.readUInt32BE(last) === 1) moov.writeUInt32BE(moov.readUInt32BE(last + 4) + gain, last + 4);
    add(moov, mdhd.start + (moov[mdhd.start] === 1 ? 24 : 16), moov[mdhd.start] === 1, gain);
    let length = 0;
    if (tkhd) length = add(moov, tkhd.start + (moov[tkhd.start] === 1 ? 28 : 20), moov[tkhd.start] === 1, movieGain);
    if (elst) {
      const long = moov[elst.start] === 1;
      const count = moov.readUInt32BE(elst.start + 4);
      add(moov, elst.start + 8 + (count - 1) * (long ? 20 : 12), long, movieGain);
    }
    const at = mvhd.start + (moov[mvhd.start] === 1 ? 24 : 16);
    const whole = moov[mvhd.start] === 1 ? Number(moov.readBigUInt64BE(at)) : moov.readUInt32BE(at);
    if (length > whole) add(moov, at, moov[mvhd.start] === 1, length - whole);
    return true;
  }
  return false;
}

/** How long the track is shown, in ticks of the movie: its last edit, or its header's duration where it has none. */
function shownDuration(moov: Buffer, tkhd: Box | undefined, elst: Box | undefined): number {
  if (elst) {
    const long = moov[elst.start] === 1;
    return add(moov, elst.start + 8 + (moov.readUInt32BE(elst.start + 4) - 1) * (long ? 20 : 12), long, 0);
  }
  return tkhd ? add(moov, tkhd.start + (moov[tkhd.start] === 1 ? 28 : 20), moov[tkhd.start] === 1, 0) : 0;
}

function add(buffer: Buffer, at: number, long: boolean, gain: number): number {
  const value = (long ? Number(buffer.readBigUInt64BE(at)) : buffer.readUInt32BE(at)) + gain;
  if (long) buffer.writeBigUInt64BE(BigInt(value), at);
  else buffer.writeUInt32BE(value, at);
  return value;
}

function boxes(buffer: Buffer, start: number, end: number): readonly Box[] {
  const found: Box[] = [];
  for (let at = start; at + 8 <= end;) {
    const size = buffer.readUInt32BE(at);
    if (size < 8 || at + size > end) break;
    found.push({ type: buffer.toString('latin1', at + 4, at + 8), start: at + 8, end: at + size });
    at += size;
  }
  return found;
}

function inside(buffer: Buffer, box: Box, path: readonly string[]): Box | undefined {
  return path.reduce<Box | undefined>((outer, type) => outer && boxes(buffer, outer.start, outer.end).find((inner) => inner.type === type), box);
}
