import { KernelFailure, messageOf } from '../failure.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { passthroughOption, startReading } from './ffmpeg.ts';
import { inPieces } from './pieces.ts';
import type { ClipInfo, ClipStreams } from './probe.ts';

/** A decoded frame: upright, 8-bit RGB; `index` counts from 0 and belongs to `ClipInfo.timestamps`. */
export interface Frame extends RgbImage {
  readonly index: number;
}

/**
 * Decodes every frame of a clip, one after the other; memory does not grow with the length. Leaving the loop ends ffmpeg.
 * @throws KernelFailure('input') when the clip is damaged: fewer frames come than it announces
 */
export async function* decodeFrames(info: ClipInfo, signal: AbortSignal): AsyncGenerator<Frame> {
  const size = info.width * info.height * 3;
  const reading = await startReading(info.path, [], [
    '-map', `0:${info.stream}`, '-an', '-sn', '-dn', await passthroughOption(), 'passthrough', '-vf', toRgb(info), '-f', 'rawvideo', '-pix_fmt', 'rgb24',
  ]);
  const stop = (): void => {
    reading.kill();
  };
  signal.addEventListener('abort', stop, { once: true });
  let index = 0;
  try {
    for await (const data of inPieces(reading.output, size)) {
      signal.throwIfAborted();
      if (data.length === size) yield { index: index++, width: info.width, height: info.height, data };
    }
    await reading.finished;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof KernelFailure) throw error;
    throw new KernelFailure('input', `${info.path} cannot be decoded: ${messageOf(error)}`, { cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
    reading.kill();
  }
  if (index !== info.timestamps.length) {
    throw new KernelFailure('input', `${info.path} announces ${info.timestamps.length} frames and ${index} can be decoded; it is damaged or cut off: fetch it again, or repair it with ffmpeg -i in.mp4 -c copy out.mp4`);
  }
}

/** The filter that turns frames into RGB, scaled where a size is given. */
export function toRgb(clip: ClipStreams, size?: { readonly width: number; readonly height: number }): string {
  const scaled = size ? `${size.width}:${size.height}:` : '';
  return `scale=${scaled}in_color_matrix=${colourMatrix(clip)}:flags=bicubic+accurate_rnd+full_chroma_int,format=rgb24`;
}

/** The YCbCr matrix of a clip; untagged ones follow the usual guess by size. */
export function colourMatrix({ colour, height }: ClipStreams): 'bt709' | 'bt601' | 'bt2020' {
  if (colour.space === 'bt709') return 'bt709';
  if (colour.space === 'bt2020nc' || colour.space === 'bt2020c') return 'bt2020';
  if (colour.space !== undefined && colour.space !== 'gbr') return 'bt601';
  return height >= 720 ? 'bt709' : 'bt601';
}
