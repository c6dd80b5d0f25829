import { extname } from 'node:path';
import { KernelFailure, messageOf } from '../failure.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { outputFailure, writeWhole } from './atomicFile.ts';
import { hasEncoder, startWriting } from './ffmpeg.ts';

export interface FramesOptions {
  /** Frames a second. */
  readonly frameRate: number;
  readonly signal: AbortSignal;
}

/** Smaller pictures are enlarged: players and viewers hide or blur them. */
const smallestSide = 256;
/** Wider pictures are scaled down for GIF, which can hardly compress noise: two crops of 512 px and a hundred steps would take 50 MB. */
const widestGif = 640;
/** How long the last frame is shown, in seconds: it is what the others lead to. */
const hold = 1;

interface WebmEncoder {
  readonly encoder: string;
  /** Of the colours: VP8 cannot say which it has, and players take it for BT.601. */
  readonly matrix: 'bt709' | 'smpte170m';
  readonly options: readonly string[];
}

const webmEncoders: readonly WebmEncoder[] = [
  { encoder: 'libvpx-vp9', matrix: 'bt709', options: ['-crf', '20', '-b:v', '0', '-row-mt', '1', '-deadline', 'good', '-cpu-used', '4'] },
  { encoder: 'libvpx', matrix: 'smpte170m', options: ['-crf', '6', '-b:v', '12M', '-deadline', 'good', '-cpu-used', '4'] },
];

/**
 * Writes pictures as a clip of constant frame rate, whole or not at all: WebM (VP9; VP8 where ffmpeg has no VP9) or GIF (a palette for each frame, repeated
 * for ever, at most 640 px wide). Pictures below 256 px are enlarged by a whole factor, pixel by pixel; the last one is shown for a second.
 * @param wanted path ending in .webm or .gif
 * @param frames of one size, at least one; one is in memory at a time
 * @returns the path: `wanted`, or the next free name
 * @throws KernelFailure('dependency') when there is no ffmpeg or it lacks the encoder, ('output') when the file cannot be written; RangeError for another
 *   extension, no frames, or frames of several sizes; the signal's reason; a KernelFailure of `frames` as it is
 */
export async function encodeFrames(wanted: string, frames: AsyncIterable<RgbImage>, { frameRate, signal }: FramesOptions): Promise<string> {
  const extension = extname(wanted).toLowerCase();
  if (extension !== '.webm' && extension !== '.gif') throw new RangeError(`frames are written as .webm or .gif, not '${extension}'`);
  const output = extension === '.gif' ? await gifOptions() : await webmOptions();
  return writeWhole(wanted, async (temporary) => {
    let last: RgbImage | undefined;
    let running: Awaited<ReturnType<typeof startWriting>> | undefined;
    const stop = (): void => running?.kill();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const frame of frames) {
        signal.throwIfAborted();
        running ??= await startWriting('rawvideo', ['-pixel_format', 'rgb24', '-video_size', `${frame.width}x${frame.height}`, '-framerate', String(frameRate)], [], output(frame), temporary);
        if (last && (frame.width !== last.width || frame.height !== last.height)) throw new RangeError(`a frame of ${frame.width}x${frame.height} px came after one of ${last.width}x${last.height}`);
        last = frame;
        await running.write(frame.data);
      }
      if (!last || !running) throw new RangeError('a clip needs a frame');
      // A GIF says how long its last frame is shown; of other clips players differ in how long they show it.
      if (extension !== '.gif') for (let i = 1; i < hold * frameRate; i++) await running.write(last.data);
      running.end();
      await running.finished;
    } catch (error) {
      running?.end();                                                   // an ffmpeg that is only about to start cannot be killed; without input it ends by itself
      running?.kill();
      await running?.finished.catch(() => undefined);
      signal.throwIfAborted();
      if (error instanceof KernelFailure || error instanceof RangeError) throw error;
      throw outputFailure(wanted, error) ?? new KernelFailure('output', `${wanted} cannot be encoded: ${messageOf(error)}`, { cause: error });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  });
}

type OutputOptions = (frame: RgbImage) => readonly string[];

async function webmOptions(): Promise<OutputOptions> {
  for (const { encoder, matrix, options } of webmEncoders) {
    if (!(await hasEncoder(encoder))) continue;
    const tags = ['-colorspace', matrix, '-color_primaries', 'bt709', '-color_trc', 'iec61966-2-1', '-color_range', 'tv'];
    return (frame) => ['-vf', `${enlarged(frame)},scale=out_color_matrix=${matrix}:out_range=limited:flags=bicubic+accurate_rnd+full_chroma_int,format=yuv420p`, '-c:v', encoder, ...options, ...tags];
  }
  throw lacking('VP9 and VP8', 'libvpx');
}

/** A walk goes from noise to a picture: no 256 colours serve all of its frames. */
async function gifOptions(): Promise<OutputOptions> {
  if (!(await hasEncoder('gif'))) throw lacking('GIF', 'the gif encoder');
  return (frame) => [
    '-filter_complex', `${enlarged(frame)},scale=min(iw\\,${widestGif}):-2:flags=area,split[picture][colours];[colours]palettegen=stats_mode=single[palette];[picture][palette]paletteuse=new=1`,
    '-loop', '0', '-final_delay', String(100 * hold),
  ];
}

function lacking(what: string, encoder: string): KernelFailure {
  return new KernelFailure('dependency', `this ffmpeg cannot encode ${what}; install one that is built with ${encoder}`);
}

function enlarged({ width, height }: RgbImage): string {
  const factor = Math.ceil(smallestSide / Math.min(width, height));
  return `scale=${factor > 1 ? `${width * factor}:${height * factor}:flags=neighbor` : 'iw:ih'}`;
}
