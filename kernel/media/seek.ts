import { KernelFailure, messageOf } from '../failure.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { toRgb } from './decode.ts';
import { passthroughOption, startReading } from './ffmpeg.ts';
import { inPieces } from './pieces.ts';
import type { ClipStreams } from './probe.ts';

/** A decoded frame: upright, 8-bit RGB, and when it is shown, in ticks of the clip's time base. */
export interface TimedFrame extends RgbImage {
  readonly ticks: number;
}

export interface SeekOptions {
  /** Size the frames are scaled to; the clip's own where absent. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Only the key frame at or before the time, as fast as it goes: for thumbnails. */
  readonly keyFrame?: boolean;
  readonly signal: AbortSignal;
}

/**
 * Decodes a clip from the frame on that is shown at a time; leaving the loop ends ffmpeg. Frames that are shown shortly before may come first: each says its own time.
 * The colours are those of `decodeFrames`.
 * @param ticks presentation time in ticks
 * @throws KernelFailure('input') when nothing can be decoded from there
 */
export async function* framesFrom(clip: ClipStreams, ticks: number, options: SeekOptions): AsyncGenerator<TimedFrame, void> {
  const early = ticks - (0.6 * clip.timeBase.denominator) / clip.timeBase.numerator / clip.frameRate;
  for (const back of clip.indexed ? [0] : stepsBack) {
    let reached = false;
    for await (const frame of decodeFrom(clip, ticks, back, options)) {
      // Without an index the decoder may begin at the key frame after the one it needs: then it must begin further back.
      if (!reached && frame.ticks > ticks && back < Infinity && !clip.indexed && options.keyFrame !== true) break;
      reached = true;
      if (options.keyFrame === true || frame.ticks >= early) yield frame;
    }
    if (reached) return;
  }
}

/** Seconds before the wanted time at which decoding begins, one attempt after the other; at last from the start. */
const stepsBack = [0, 2, 10, Infinity];

async function* decodeFrom(clip: ClipStreams, ticks: number, back: number, { size, keyFrame, signal }: SeekOptions): AsyncGenerator<TimedFrame, void> {
  const { width, height } = size ?? clip;
  const bytes = width * height * 3;
  const times = new Times();
  const reading = await startReading(clip.path, seekOptions(clip, ticks, back, keyFrame === true), [
    '-map', `0:${clip.stream}`, '-an', '-sn', '-dn', '-copyts', await passthroughOption(), 'passthrough', ...(keyFrame === true ? ['-frames:v', '1'] : []),
    '-vf', `${toRgb(clip, size)},showinfo`, '-f', 'rawvideo', '-pix_fmt', 'rgb24',
  ], (line) => {
    times.read(line);
  });
  reading.finished.then(() => {
    times.end();
  }, () => {
    times.end();
  });
  const stop = (): void => {
    reading.kill();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const data of inPieces(reading.output, bytes)) {
      signal.throwIfAborted();
      const time = data.length === bytes ? await times.next() : undefined;
      if (time === undefined) return;
      yield { ticks: time, width, height, data };
    }
    await reading.finished;
  } catch (error) {
    signal.throwIfAborted();
    throw new KernelFailure('input', `${clip.path} cannot be decoded: ${messageOf(error)}`, { cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
    reading.kill();
  }
}

/** Seeking counts from the earliest time in the file. Half a frame early: times are rounded in containers, and an early frame does no harm. */
function seekOptions({ timeBase, startTime, frameRate }: ClipStreams, ticks: number, back: number, keyFrame: boolean): readonly string[] {
  const seconds = (ticks * timeBase.numerator) / timeBase.denominator - startTime - back - (keyFrame ? 0 : 0.5 / frameRate);
  const place = seconds > 0 ? ['-ss', seconds.toFixed(6)] : [];
  return keyFrame ? ['-skip_frame', 'nokey', ...place, '-noaccurate_seek'] : place;
}

/** The presentation times that the filter `showinfo` tells, in the order of the frames; they come by another pipe than the pixels. */
class Times {
  private readonly known: number[] = [];
  private waiting: ((time: number | undefined) => void) | undefined;
  private ended = false;

  read(line: string): void {
    const pts = /showinfo.*\bn: *\d+ pts: *(-?\d+)/.exec(line)?.[1];
    if (pts === undefined) return;
    if (this.waiting) {
      this.waiting(Number(pts));
      this.waiting = undefined;
    } else this.known.push(Number(pts));
  }

  end(): void {
    this.ended = true;
    this.waiting?.(undefined);
    this.waiting = undefined;
  }

  next(): Promise<number | undefined> {
    const time = this.known.shift();
    if (time !== undefined || this.ended) return Promise.resolve(time);
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }
}
