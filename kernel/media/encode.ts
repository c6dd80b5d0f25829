import { extname } from 'node:path';
import { KernelFailure, messageOf } from '../failure.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { outputFailure, writeWhole } from './atomicFile.ts';
import { colourMatrix } from './decode.ts';
import { chooseEncoding, isRgb, type Encoding } from './encoders.ts';
import { passthroughOption, ProgramEnded, startWriting } from './ffmpeg.ts';
import { setMatroskaDuration } from './matroskaDuration.ts';
import { setShownDuration } from './mp4Duration.ts';
import { probeStreams, type ClipInfo } from './probe.ts';
import { timedFrameHeader, timedFramesHeader } from './timedFrames.ts';

export interface EncodeOptions {
  readonly codec?: string;
  readonly signal: AbortSignal;
}

export interface EncodedClip {
  readonly path: string;
  /** What a person should know. */
  readonly notes: readonly string[];
  /** The name by which its codec can be asked for, where there is one. */
  readonly codec?: string;
}

/**
 * Writes a clip whose frames are new and whose everything else is the source's: presentation times, sound, subtitles, attachments, chapters, colour tags.
 * @param frames as many as the source has, in its order, upright
 * @throws KernelFailure('output') when it cannot be written, ('usage') for an unknown codec, ('dependency') when ffmpeg lacks the encoder
 */
export async function encodeClip(wanted: string, info: ClipInfo, frames: AsyncIterable<RgbImage>, { codec, signal }: EncodeOptions): Promise<EncodedClip> {
  const encoding = await chooseEncoding(info, wanted, codec);
  const path = await writeWhole(wanted, async (temporary) => {
    const running = await startWriting('matroska', ['-copyts'], [info.path], [
      '-map', '0:v:0', '-map', '1:a?', '-map', '1:s?', '-map', '1:t?', '-map_metadata', '1', '-map_chapters', '1',
      '-c:a', 'copy', '-c:s', 'copy', '-c:t', 'copy', '-c:v', encoding.encoder, ...encoding.options,
      '-copyts', '-avoid_negative_ts', 'disabled', await passthroughOption(), 'passthrough', '-enc_time_base', `${info.timeBase.numerator}/${info.timeBase.denominator}`,
      '-max_muxing_queue_size', '4096', '-metadata:s:v:0', 'rotate=0', ...colourOptions(info, encoding), ...containerOptions(temporary, info),
    ], temporary);
    const stop = (): void => {
      running.kill();
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      await running.write(timedFramesHeader(info.width, info.height, 1e9 / info.frameRate));
      let index = 0;
      for await (const frame of frames) {
        const time = (info.timestamps[index++]! * info.timeBase.numerator) / info.timeBase.denominator;
        await running.write(timedFrameHeader(Math.max(0, time), frame.data.length));
        await running.write(frame.data);
      }
      running.end();
      await running.finished;
      await setDuration(temporary, info);
    } catch (error) {
      running.kill();
      await running.finished.catch(() => undefined);
      signal.throwIfAborted();
      if (error instanceof KernelFailure) throw error;
      const remedy = error instanceof ProgramEnded ? 'try again' : 'another --codec or container may serve';
      throw outputFailure(wanted, error) ?? new KernelFailure('output', `${wanted} cannot be encoded: ${messageOf(error)}; ${remedy}`, { cause: error });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  });
  return { path, notes: encoding.notes, ...(encoding.codec === undefined ? {} : { codec: encoding.codec }) };
}

/** Tags as the source has them, and the conversion from RGB that belongs to them. */
function colourOptions(info: ClipInfo, { pixelFormat }: Encoding): string[] {
  const { colour } = info;
  const rgb = isRgb(pixelFormat);
  const full = (colour.range === 'pc' && !isRgb(info.pixelFormat)) || pixelFormat.startsWith('yuvj') || info.pixelFormat.startsWith('yuvj');
  const aspect = info.sampleAspectRatio === undefined ? '' : `,setsar=${info.sampleAspectRatio.replace(':', '/')}`;
  const conversion = rgb ? '' : `scale=out_color_matrix=${colourMatrix(info)}:out_range=${full ? 'full' : 'limited'}:flags=bicubic+accurate_rnd+full_chroma_int,`;
  const range = rgb ? undefined : full ? 'pc' : colour.range && 'tv';
  const space = rgb ? 'rgb' : colour.space === 'gbr' ? undefined : colour.space;
  const tags = { colorspace: space, color_primaries: colour.primaries, color_trc: colour.transfer, color_range: range };
  return [
    '-vf', `${conversion}format=${pixelFormat}${aspect}`, '-pix_fmt', pixelFormat,
    ...Object.entries(tags).flatMap(([key, value]) => (value === undefined ? [] : [`-${key}`, value])),
  ];
}

function containerOptions(path: string, info: ClipInfo): string[] {
  // Streams of MPEG would begin 1.4 s later than the source, to fill a receiver's buffer.
  if (['.ts', '.mts', '.m2ts'].includes(extname(path).toLowerCase())) return ['-muxdelay', '0', '-muxpreload', '0'];
  // These keep one time for a frame, that at which it is decoded: it must be that at which it is shown.
  if (['.flv', '.wmv', '.asf', '.avi'].includes(extname(path).toLowerCase())) return ['-bf', '0'];
  if (isMatroska(path)) return ['-fflags', '+bitexact'];                // else the container gets a random number, and no two files are the same
  return isIso(path) ? ['-video_track_timescale', String(Math.round(info.timeBase.denominator / info.timeBase.numerator)), '-movflags', '+faststart'] : [];
}

/** ffmpeg does not know how long the last frame is shown. */
async function setDuration(path: string, info: ClipInfo): Promise<void> {
  if (isIso(path)) {
    const written = await probeStreams(path);
    await setShownDuration(path, shownSeconds(info), info.soundDurations.map((duration, i) => (duration > 0 ? (written.soundDurations[i] ?? 0) - duration : 0)));
  }
  const first = (info.timestamps[0]! * info.timeBase.numerator) / info.timeBase.denominator;
  if (isMatroska(path)) await setMatroskaDuration(path, info.duration > 0 ? info.duration : first + shownSeconds(info));
}

function shownSeconds({ timestamps, timeBase, lastFrameDuration }: ClipInfo): number {
  return ((timestamps[timestamps.length - 1]! - timestamps[0]!) * timeBase.numerator) / timeBase.denominator + lastFrameDuration;
}

function isMatroska(path: string): boolean {
  return ['.mkv', '.webm'].includes(extname(path).toLowerCase());
}

function isIso(path: string): boolean {
  return ['.mp4', '.m4v', '.mov'].includes(extname(path).toLowerCase());
}
