import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KernelFailure, messageOf } from '../failure.ts';
import { colourMatrix } from './decode.ts';
import { hasEncoder, startConverting } from './ffmpeg.ts';
import type { ClipStreams } from './probe.ts';

export interface PreviewOptions {
  /** Even numbers. */
  readonly size: { readonly width: number; readonly height: number };
  /** Most seconds, from the start on. */
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** Bits a second at most: ten seconds take 160 kB. */
const bitRate = '128k';

/** VP8 cannot say which colours it has, and players take it for BT.601. */
const encoders = [
  { encoder: 'libvpx-vp9', matrix: 'bt709', options: ['-crf', '34', '-b:v', bitRate, '-row-mt', '1', '-deadline', 'good', '-cpu-used', '4'] },
  { encoder: 'libvpx', matrix: 'smpte170m', options: ['-crf', '20', '-b:v', bitRate, '-deadline', 'good', '-cpu-used', '4'] },
] as const;

/**
 * The beginning of a clip as a small WebM (VP9; VP8 where ffmpeg has no VP9) without sound that any browser plays. Frames keep their presentation times, so that
 * the previews of a clip and of its restoration play in step.
 * @throws KernelFailure('dependency') when ffmpeg lacks the encoders, ('input') when the clip cannot be decoded; the signal's reason
 */
export async function previewClip(clip: ClipStreams, { size, seconds, signal }: PreviewOptions): Promise<Buffer> {
  const { encoder, matrix, options } = await chosenEncoder();
  const folder = await mkdtemp(join(tmpdir(), 'difface-preview-'));
  const target = join(folder, 'preview.webm');
  try {
    signal.throwIfAborted();
    const running = await startConverting(clip.path, [], [
      '-map', `0:${clip.stream}`, '-an', '-sn', '-dn', '-map_metadata', '-1', '-t', String(seconds),
      '-vf', `scale=${size.width}:${size.height}:in_color_matrix=${colourMatrix(clip)}:out_color_matrix=${matrix}:out_range=limited:flags=area+accurate_rnd,setsar=1,format=yuv420p`,
      '-c:v', encoder, ...options, '-colorspace', matrix, '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv',
    ], target);
    const stop = (): void => {
      running.kill();
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      await running.finished;
    } finally {
      signal.removeEventListener('abort', stop);
    }
    return await readFile(target);
  } catch (error) {
    signal.throwIfAborted();
    throw new KernelFailure('input', `${clip.path} cannot be shown: ${messageOf(error)}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 4, retryDelay: 50 }).catch(() => undefined);
  }
}

async function chosenEncoder(): Promise<(typeof encoders)[number]> {
  for (const one of encoders) if (await hasEncoder(one.encoder)) return one;
  throw new KernelFailure('dependency', 'this ffmpeg cannot encode VP9 and VP8, which clips are shown as; install one that is built with libvpx');
}
