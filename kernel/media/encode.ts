import { extname } from 'node:path';
import { KernelFailure, messageOf } from '../failure.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { outputFailure, writeWhole } from './atomicFile.ts';
import { colourMatrix } from './decode.ts';
import { hasEncoder, passthroughOption, startWriting } from './ffmpeg.ts';
import { setShownDuration } from './mp4Duration.ts';
import type { ClipInfo } from './probe.ts';
import { timedFrameHeader, timedFramesHeader } from './timedFrames.ts';

/** Encoders of each codec family, the preferred first, at a quality at which the source's loss dominates. */
const families: Readonly<Record<string, readonly { readonly encoder: string; readonly options: readonly string[] }[]>> = {
  h264: [{ encoder: 'libx264', options: ['-crf', '16', '-preset', 'medium'] }],
  hevc: [{ encoder: 'libx265', options: ['-crf', '18', '-preset', 'medium', '-tag:v', 'hvc1', '-x265-params', 'log-level=error'] }],
  vp9: [{ encoder: 'libvpx-vp9', options: ['-crf', '18', '-b:v', '0', '-row-mt', '1', '-cpu-used', '2'] }],
  vp8: [{ encoder: 'libvpx', options: ['-crf', '6', '-b:v', '12M'] }],
  av1: [{ encoder: 'libsvtav1', options: ['-crf', '22', '-preset', '6'] }, { encoder: 'libaom-av1', options: ['-crf', '20', '-b:v', '0', '-cpu-used', '6', '-strict', 'experimental'] }],
  mpeg4: [{ encoder: 'mpeg4', options: ['-q:v', '2'] }],
  prores: [{ encoder: 'prores_ks', options: ['-profile:v', '3'] }],
  ffv1: [{ encoder: 'ffv1', options: ['-level', '3'] }],
  mjpeg: [{ encoder: 'mjpeg', options: ['-q:v', '2'] }],
};

/** Names people use for the same family. */
const aliases: Readonly<Record<string, string>> = { x264: 'h264', avc: 'h264', libx264: 'h264', h265: 'hevc', x265: 'hevc', libx265: 'hevc', 'libvpx-vp9': 'vp9', libvpx: 'vp8' };

export interface EncodeOptions {
  readonly codec?: string;
  readonly signal: AbortSignal;
}

/**
 * Writes a clip whose frames are new and whose everything else is the source's: presentation times, sound, subtitles, attachments, chapters, colour tags.
 * @param frames as many as the source has, in its order, upright
 * @returns the path, and what a person should know
 * @throws KernelFailure('output') when it cannot be written, ('usage') for an unknown codec, ('dependency') when ffmpeg lacks the encoder
 */
export async function encodeClip(wanted: string, info: ClipInfo, frames: AsyncIterable<RgbImage>, { codec, signal }: EncodeOptions): Promise<{ readonly path: string; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  const { encoder, options } = await chooseEncoder(info, codec, notes);
  const path = await writeWhole(wanted, async (temporary) => {
    const encoding = await startWriting('matroska', ['-copyts'], [info.path], [
      '-map', '0:v:0', '-map', '1:a?', '-map', '1:s?', '-map', '1:t?', '-map_metadata', '1', '-map_chapters', '1',
      '-c:a', 'copy', '-c:s', 'copy', '-c:t', 'copy', '-c:v', encoder, ...options,
      '-copyts', '-avoid_negative_ts', 'disabled', await passthroughOption(), 'passthrough', '-enc_time_base', `${info.timeBase.numerator}/${info.timeBase.denominator}`,
      '-max_muxing_queue_size', '4096', '-metadata:s:v:0', 'rotate=0', ...colourOptions(info), ...containerOptions(temporary, info),
    ], temporary);
    const stop = (): void => {
      encoding.kill();
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      await encoding.write(timedFramesHeader(info.width, info.height, 1e9 / info.frameRate));
      let index = 0;
      for await (const frame of frames) {
        const time = (info.timestamps[index++]! * info.timeBase.numerator) / info.timeBase.denominator;
        await encoding.write(timedFrameHeader(Math.max(0, time), frame.data.length));
        await encoding.write(frame.data);
      }
      encoding.end();
      await encoding.finished;
      if (isIso(temporary)) await setShownDuration(temporary, shownSeconds(info));
    } catch (error) {
      encoding.kill();
      await encoding.finished.catch(() => undefined);
      signal.throwIfAborted();
      if (error instanceof KernelFailure) throw error;
      throw outputFailure(wanted, error) ?? new KernelFailure('output', `${wanted} cannot be encoded: ${messageOf(error)}; another --codec or container may serve`, { cause: error });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  });
  return { path, notes };
}

/**
 * The codec family a person means.
 * @throws KernelFailure('usage') naming the known ones
 */
export function codecFamily(name: string): string {
  const wanted = aliases[name.toLowerCase()] ?? name.toLowerCase();
  if (!(wanted in families)) throw new KernelFailure('usage', `the codec '${name}' is not known; ${Object.keys(families).join(', ')} are`);
  return wanted;
}

async function chooseEncoder(info: ClipInfo, codec: string | undefined, notes: string[]): Promise<{ encoder: string; options: readonly string[] }> {
  const wanted = codec === undefined ? undefined : codecFamily(codec);
  for (const candidate of families[wanted ?? info.codec] ?? []) if (await hasEncoder(candidate.encoder)) return candidate;
  if (wanted !== undefined) throw new KernelFailure('dependency', `this ffmpeg cannot encode ${wanted}; install a fuller one or choose another --codec`);
  notes.push(`the source's codec (${info.codec}) cannot be encoded here; H.264 was used`);
  return families['h264']![0]!;
}

/** Tags as the source has them, and the conversion from RGB that belongs to them. Odd sizes need 4:4:4. */
function colourOptions(info: ClipInfo): string[] {
  const { colour } = info;
  const odd = info.width % 2 === 1 || info.height % 2 === 1;
  const format = odd || /444/.test(info.pixelFormat) ? 'yuv444p' : /422/.test(info.pixelFormat) ? 'yuv422p' : 'yuv420p';
  const full = colour.range === 'pc' || info.pixelFormat.startsWith('yuvj');
  const aspect = info.sampleAspectRatio === undefined ? '' : `,setsar=${info.sampleAspectRatio.replace(':', '/')}`;
  const tags = { colorspace: colour.space, color_primaries: colour.primaries, color_trc: colour.transfer, color_range: full ? 'pc' : colour.range };
  return [
    '-vf', `scale=out_color_matrix=${colourMatrix(info)}:out_range=${full ? 'full' : 'limited'}:flags=bicubic+accurate_rnd+full_chroma_int,format=${format}${aspect}`, '-pix_fmt', format,
    ...Object.entries(tags).flatMap(([key, value]) => (value === undefined ? [] : [`-${key}`, value])),
  ];
}

function containerOptions(path: string, info: ClipInfo): string[] {
  return isIso(path) ? ['-video_track_timescale', String(Math.round(info.timeBase.denominator / info.timeBase.numerator)), '-movflags', '+faststart'] : [];
}

function shownSeconds({ timestamps, timeBase, lastFrameDuration }: ClipInfo): number {
  return ((timestamps[timestamps.length - 1]! - timestamps[0]!) * timeBase.numerator) / timeBase.denominator + lastFrameDuration;
}

function isIso(path: string): boolean {
  return ['.mp4', '.m4v', '.mov'].includes(extname(path).toLowerCase());
}
