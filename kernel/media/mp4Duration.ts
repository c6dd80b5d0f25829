import { open, type FileHandle } from 'node:fs/promises';

/**
 * Gives the last video frame of an MP4 or MOV file its duration, and sound that was copied the length it had: ffmpeg takes the last packet of a sound track for a full one. ffmpeg writes none for a variable frame rate, and a last frame that lasts no
 * time is cut off by players. Touches durations only: stts, mdhd, tkhd, elst and mvhd (ISO/IEC 14496-12, sections 8.2.2, 8.3.2, 8.4.2, 8.6.1, 8.6.6).
 * @param seconds from the first frame's presentation to the end of the last one's
 * @param surplus of each sound track, in seconds
 */
export async function setShownDuration(path: string, seconds: number, surplus: readonly number[]): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const place = await findMovie(file);
    if (!place) return;
    const moov = Buffer.alloc(place.size);
    await file.read(moov, 0, place.size, place.offset);
    const extended = extend(moov, seconds);
    if (shortenSounds(moov, surplus) || extended) await file.write(moov, 0, place.size, place.offset);
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
    if (handlerOf(moov, trak) !== 'vide') continue;
    const [stts, mdhd, tkhd, elst] = [inside(moov, trak, ['mdia', 'minf', 'stbl', 'stts']), inside(moov, trak, ['mdia', 'mdhd']), inside(moov, trak, ['tkhd']), inside(moov, trak, ['edts', 'elst'])];
    if (!stts || !mdhd || !mvhd) return false;
    const timescale = moov.readUInt32BE(field(moov, mdhd, 12, 20).at);
    const movieScale = moov.readUInt32BE(field(moov, mvhd, 12, 20).at);
    const media = field(moov, mdhd, 16, 24);
    const gain = Math.round(seconds * timescale) - read(moov, media);
    const track = tkhd && field(moov, tkhd, 20, 28);
    const edit = elst && lastEdit(moov, elst);
    const shown = edit ?? track;
    // Ticks of the movie are coarser than those of the track: rounded up, they cut nothing off.
    const movieGain = shown ? Math.ceil(seconds * movieScale - 1e-6) - read(moov, shown) : 0;
    if (gain > 0) {
      const last = stts.start + 8 + 8 * (moov.readUInt32BE(stts.start + 4) - 1);
      if (last > stts.start && moov.readUInt32BE(last) === 1) moov.writeUInt32BE(moov.readUInt32BE(last + 4) + gain, last + 4);
      write(moov, media, read(moov, media) + gain);
    }
    if (movieGain > 0) {
      if (edit) write(moov, edit, read(moov, edit) + movieGain);
      if (track) write(moov, track, read(moov, track) + movieGain);
    }
    const movieLength = field(moov, mvhd, 16, 24);
    if (track && read(moov, track) > read(moov, movieLength)) write(moov, movieLength, read(moov, track));
    return gain > 0 || movieGain > 0;
  }
  return false;
}

/** Takes from each sound track what its last packet is too long. */
function shortenSounds(moov: Buffer, seconds: readonly number[]): boolean {
  const movie = boxes(moov, 8, moov.length);
  const mvhd = movie.find(({ type }) => type === 'mvhd');
  const traks = movie.filter(({ type }) => type === 'trak');
  if (!mvhd) return false;
  const movieScale = moov.readUInt32BE(field(moov, mvhd, 12, 20).at);
  let any = false;
  for (const [i, trak] of traks.filter((one) => handlerOf(moov, one) === 'soun').entries()) {
    const [stts, mdhd, tkhd, elst] = [inside(moov, trak, ['mdia', 'minf', 'stbl', 'stts']), inside(moov, trak, ['mdia', 'mdhd']), inside(moov, trak, ['tkhd']), inside(moov, trak, ['edts', 'elst'])];
    const entries = stts ? moov.readUInt32BE(stts.start + 4) : 0;
    if (!stts || !mdhd || entries === 0) continue;
    const timescale = moov.readUInt32BE(field(moov, mdhd, 12, 20).at);
    const last = stts.start + 8 + 8 * (entries - 1);
    const media = field(moov, mdhd, 16, 24);
    const surplus = Math.round((seconds[i] ?? 0) * timescale);
    if (surplus <= 0 || surplus >= moov.readUInt32BE(last + 4)) continue;
    if (moov.readUInt32BE(last) === 1) moov.writeUInt32BE(moov.readUInt32BE(last + 4) - surplus, last + 4);
    write(moov, media, read(moov, media) - surplus);
    for (const shown of [tkhd && field(moov, tkhd, 20, 28), elst && lastEdit(moov, elst)]) if (shown) write(moov, shown, Math.max(0, read(moov, shown) - Math.floor((surplus * movieScale) / timescale)));
    any = true;
  }
  if (any) write(moov, field(moov, mvhd, 16, 24), Math.max(...traks.map((trak) => inside(moov, trak, ['tkhd'])).map((tkhd) => (tkhd ? read(moov, field(moov, tkhd, 20, 28)) : 0))));
  return any;
}

function handlerOf(moov: Buffer, trak: Box): string | undefined {
  const hdlr = inside(moov, trak, ['mdia', 'hdlr']);
  return hdlr && moov.toString('latin1', hdlr.start + 8, hdlr.start + 12);
}

/** A number in a box: 32 bit in version 0, 64 in version 1. */
interface Field {
  readonly at: number;
  readonly long: boolean;
}

function field(moov: Buffer, box: Box, short: number, long: number): Field {
  return moov[box.start] === 1 ? { at: box.start + long, long: true } : { at: box.start + short, long: false };
}

/** How long the last edit is: edits before it are the wait for the first frame. */
function lastEdit(moov: Buffer, elst: Box): Field {
  const before = moov.readUInt32BE(elst.start + 4) - 1;
  return field(moov, elst, 8 + 12 * before, 8 + 20 * before);
}

function read(moov: Buffer, { at, long }: Field): number {
  return long ? Number(moov.readBigUInt64BE(at)) : moov.readUInt32BE(at);
}

function write(moov: Buffer, { at, long }: Field, value: number): void {
  if (long) moov.writeBigUInt64BE(BigInt(value), at);
  else moov.writeUInt32BE(value, at);
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
