import { startReading } from './ffmpeg.ts';
import type { ClipStreams } from './probe.ts';

/** How samples of 16 bit lie in a buffer: interleaved, little endian. */
export interface Sound {
  readonly sampleRate: number;
  readonly channels: number;
}

/**
 * Decodes the first sound of a clip from a time on, in pieces of `bytes`; the last one is shorter. Sound that begins later than the picture, or has holes, is filled with silence,
 * so that the place in the stream is the time.
 * @param from seconds from the start of the clip
 */
export async function* readSound(clip: ClipStreams, from: number, bytes: number, { sampleRate, channels }: Sound, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  const reading = await startReading(clip.path, from > 0 ? ['-ss', from.toFixed(6)] : [], [
    '-map', '0:a:0', '-vn', '-sn', '-dn', '-af', `aresample=${sampleRate}:async=1:first_pts=0`, '-ac', String(channels), '-ar', String(sampleRate), '-f', 's16le',
  ]);
  const stop = (): void => {
    reading.kill();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    let parts: Buffer[] = [];
    let length = 0;
    for await (const chunk of reading.output as AsyncIterable<Buffer>) {
      parts.push(chunk);
      length += chunk.length;
      while (length >= bytes) {
        const all = Buffer.concat(parts);
        yield all.subarray(0, bytes);
        parts = [all.subarray(bytes)];
        length = all.length - bytes;
      }
    }
    if (length > 0) yield Buffer.concat(parts);
  } finally {
    signal.removeEventListener('abort', stop);
    reading.kill();
  }
}
