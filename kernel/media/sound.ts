import { startReading } from './ffmpeg.ts';
import { inPieces } from './pieces.ts';
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
export async function* readSound(clip: ClipStreams, from: number, bytes: number, { sampleRate, channels }: Sound, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const reading = await startReading(clip.path, from > 0 ? ['-ss', from.toFixed(6)] : [], [
    '-map', '0:a:0', '-vn', '-sn', '-dn', '-af', `aresample=${sampleRate}:async=1:first_pts=0`, '-ac', String(channels), '-ar', String(sampleRate), '-f', 's16le',
  ]);
  const stop = (): void => {
    reading.kill();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    yield* inPieces(reading.output, bytes);
  } finally {
    signal.removeEventListener('abort', stop);
    reading.kill();
  }
}
