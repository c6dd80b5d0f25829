import { KernelFailure } from '../failure.ts';
import { encodeJpeg } from '../media/image.ts';
import { readSound, type Sound } from '../media/sound.ts';
import { indexFrames, probeStreams, type ClipInfo, type ClipStreams } from '../media/probe.ts';
import { framesFrom, type TimedFrame } from '../media/seek.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { pasteStored, type ClipWork } from './clipWork.ts';

/** A frame as it is shown: JPEG, and again with its restored faces where there are any. */
export interface ShownFrame {
  readonly ticks: number;
  readonly original: Buffer;
  readonly restored: Buffer | undefined;
}

export interface ShownFrames {
  readonly frames: readonly ShownFrame[];
  readonly interrupted: boolean;
}

interface Cursor<T> {
  readonly key: string;
  readonly iterator: AsyncGenerator<T, void>;
  readonly controller: AbortController;
  /** Where the next piece is expected to be asked for: in ticks, or in samples. */
  next: number;
}

/** A clip that somebody looks at. Frames that are asked for one after the other come out of one running decoder; any other frame costs a new one. */
export class ClipView {
  private frames: Cursor<TimedFrame> | undefined;
  private sound: Cursor<Uint8Array> | undefined;
  private indexed: Promise<ClipInfo> | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private idle: NodeJS.Timeout | undefined;
  private closed = false;
  private reading: { interrupted: boolean } | undefined;

  private constructor(readonly clip: ClipStreams) {}

  static async open(path: string): Promise<ClipView> {
    return new ClipView(await probeStreams(path));
  }

  /** Presentation times of all frames; reads the whole file the first time. */
  index(): Promise<ClipInfo> {
    this.indexed ??= indexFrames(this.clip);
    return this.indexed;
  }

  /**
   * Up to `count` frames from the one shown at `from` ticks on, scaled.
   * @param work what is restored; without it only originals are made
   * @returns fewer frames at the end of the clip, and, marked as interrupted, when another request comes before these are read: whoever asks again wants something else first
   * @throws KernelFailure('usage') when the view is closed
   */
  read(from: number, count: number, size: { readonly width: number; readonly height: number }, work?: ClipWork): Promise<ShownFrames> {
    if (this.reading) {
      this.reading.interrupted = true;
      this.stopFrames();
    }
    return this.inTurn(async () => {
      this.refuseClosed();
      const reading = { interrupted: false };
      this.reading = reading;
      const cursor = this.frameCursor(from, size);
      const shown: Promise<ShownFrame>[] = [];
      while (shown.length < count) {
        const { value, done } = await cursor.iterator.next().catch((error: unknown) => {
          this.refuseClosed();
          if (reading.interrupted) return { done: true, value: undefined } as const;
          this.stopFrames();
          throw error;
        });
        if (reading.interrupted) break;
        this.refuseClosed();
        if (done === true) {
          this.stopFrames();
          break;
        }
        cursor.next = value.ticks + 1;
        if (value.ticks < from - this.frameTicks * 0.6) continue;
        shown.push(this.encode(value, size.width / this.clip.width, work));
      }
      this.reading = undefined;
      return { frames: await Promise.all(shown), interrupted: reading.interrupted };
    });
  }

  /** A small picture of what is near a time: the key frame before it. */
  async thumbnail(ticks: number, size: { readonly width: number; readonly height: number }, signal: AbortSignal): Promise<Buffer | undefined> {
    this.refuseClosed();
    for await (const frame of framesFrom(this.clip, ticks, { size, keyFrame: true, signal })) return encodeJpeg(frame, 70);
    return undefined;
  }

  /** One frame in full; undefined beyond the last. */
  async frameAt(ticks: number, signal: AbortSignal): Promise<RgbImage | undefined> {
    this.refuseClosed();
    for await (const frame of framesFrom(this.clip, ticks, { signal })) if (frame.ticks >= ticks) return frame;
    return undefined;
  }

  /** Sound from a time on, interleaved 16-bit samples; shorter at the end of the clip. @param from seconds @param seconds how much */
  async listen(from: number, seconds: number): Promise<Sound & { readonly samples: Uint8Array }> {
    this.refuseClosed();
    const format = { sampleRate: 48_000, channels: 2 } as const;
    if (this.clip.audioStreams === 0) return { ...format, samples: new Uint8Array() };
    const first = Math.round(from * format.sampleRate);
    const wanted = Math.round(seconds * format.sampleRate) * format.channels * 2;
    const key = String(wanted);
    if (this.sound?.next !== first || this.sound.key !== key) {
      this.stopSound();
      const controller = new AbortController();
      this.sound = { key, iterator: readSound(this.clip, from, wanted, format, controller.signal), controller, next: first };
    }
    const cursor = this.sound;
    const { value, done } = await cursor.iterator.next();
    this.keepAwhile();
    if (done === true || value.length < wanted) this.stopSound();
    else cursor.next += value.length / 4;
    return { ...format, samples: done === true ? new Uint8Array() : value };
  }

  /** Ends the decoders; whoever still reads or asks again is refused. */
  dispose(): void {
    this.closed = true;
    clearTimeout(this.idle);
    this.stopFrames();
    this.stopSound();
  }

  private refuseClosed(): void {
    if (this.closed) throw new KernelFailure('usage', `the view of ${this.clip.path} is closed`);
  }

  private get frameTicks(): number {
    const { numerator, denominator } = this.clip.timeBase;
    return denominator / numerator / this.clip.frameRate;
  }

  private frameCursor(from: number, size: { readonly width: number; readonly height: number }): Cursor<TimedFrame> {
    const key = `${size.width}x${size.height}`;
    const ahead = this.frames ? from - this.frames.next : -1;
    if (this.frames?.key === key && ahead >= 0 && ahead <= 2 * this.frameTicks) return this.frames;
    this.stopFrames();
    const controller = new AbortController();
    this.frames = { key, iterator: framesFrom(this.clip, from, { size, signal: controller.signal }), controller, next: from };
    return this.frames;
  }

  private async encode(frame: TimedFrame, scale: number, work: ClipWork | undefined): Promise<ShownFrame> {
    const index = work ? work.info.timestamps.indexOf(frame.ticks) : -1;
    const original = encodeJpeg(frame, 85);
    if (!work || index < 0) return { ticks: frame.ticks, original: await original, restored: undefined };
    const restored = await pasteStored(work, frame, index, scale);
    return { ticks: frame.ticks, original: await original, restored: restored && (await encodeJpeg(restored, 85)) };
  }

  /** Decoders are shared: one request after the other. */
  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.queue.then(task, task);
    this.queue = result.catch(() => undefined);
    return result.finally(() => {
      this.keepAwhile();
    });
  }

  /** A decoder nobody reads from is ended after a while. */
  private keepAwhile(): void {
    clearTimeout(this.idle);
    if (this.closed) return;
    this.idle = setTimeout(() => {
      this.stopFrames();
      this.stopSound();
    }, 20_000);
    this.idle.unref();
  }

  private stopFrames(): void {
    this.frames?.controller.abort();
    this.frames = undefined;
  }

  private stopSound(): void {
    this.sound?.controller.abort();
    this.sound = undefined;
  }
}
