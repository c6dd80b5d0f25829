import type { Ask } from '../host.ts';
import type { FrameIndex } from '../player/frameIndex.ts';
import type { Size } from '../viewer/panZoom.ts';

/** A small picture's place in the strip. */
export interface Slot {
  /** From the beginning of the strip, in CSS pixels. */
  readonly x: number;
  /** Second of the clip that it shows. */
  readonly seconds: number;
}

/** The part of the strip that can be seen, in CSS pixels. */
export interface Stretch {
  readonly left: number;
  readonly width: number;
}

/** Height of a small picture in CSS pixels. */
export const thumbnailHeight = 42;
const atOnce = 2;
/** Small pictures that are kept. */
const capacity = 300;

/** Small pictures keep the clip's shape; they are even, as codecs like it. */
export function thumbnailSize(clip: Size): Size {
  return { width: Math.min(160, Math.max(16, 2 * Math.round((thumbnailHeight * clip.width) / clip.height / 2))), height: thumbnailHeight };
}

/**
 * Places of the small pictures in the seen part of a strip. Their times lie on a grid that is as fine as a power of two, so that strips drawn apart differently share pictures.
 * @param length of the whole strip in CSS pixels
 */
export function slotsWithin({ left, width }: Stretch, length: number, each: number, duration: number): readonly Slot[] {
  const step = (each / length) * duration;
  const grid = 2 ** Math.floor(Math.log2(step));
  const count = Math.ceil(length / each);
  const [first, last] = [Math.max(0, Math.floor(left / each)), Math.min(count - 1, Math.floor((left + width) / each))];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const middle = Math.min(duration, (first + i + 0.5) * step);
    return { x: (first + i) * each, seconds: Math.min(duration, Math.round(middle / grid) * grid) };
  });
}

/** The small pictures of a timeline: those that are seen are fetched, the others kept for a while by their time. */
export class Thumbnails {
  private readonly pictures = new Map<number, string>();
  private readonly asked = new Set<number>();
  private wanted: readonly number[] = [];
  private flying = 0;
  private allowed = false;
  private disposed = false;

  constructor(private readonly ask: Ask, private readonly index: () => FrameIndex, readonly size: Size, private readonly onChange: () => void) {}

  /** Blob address of the picture of a time, or of one near it while its own is on its way. */
  at(seconds: number, near: number): string | undefined {
    const own = this.pictures.get(seconds);
    if (own !== undefined) return own;
    let [best, distance] = [undefined as string | undefined, near];
    for (const [time, address] of this.pictures) {
      if (Math.abs(time - seconds) >= distance) continue;
      [best, distance] = [address, Math.abs(time - seconds)];
    }
    return best;
  }

  /** Tells which are seen now. */
  want(times: readonly number[]): void {
    this.wanted = times;
    this.fetch();
  }

  /** Until then nothing is fetched: what is on the stage comes first. */
  begin(): void {
    this.allowed = true;
    this.fetch();
  }

  dispose(): void {
    this.disposed = true;
    for (const address of this.pictures.values()) URL.revokeObjectURL(address);
    this.pictures.clear();
  }

  private fetch(): void {
    while (this.allowed && !this.disposed && this.flying < atOnce) {
      const next = this.wanted.find((time) => !this.asked.has(time));
      if (next === undefined) return;
      this.asked.add(next);
      this.flying++;
      void this.read(next).finally(() => {
        this.flying--;
        this.fetch();
      });
    }
  }

  private async read(seconds: number): Promise<void> {
    const index = this.index();
    const answer = await this.ask({ what: 'thumbnail', ticks: index.ticks[index.at(seconds)]!, ...this.size }).catch(() => undefined);  // its place stays empty
    if (!answer || answer.bytes.byteLength === 0 || this.disposed) return;
    this.pictures.set(seconds, URL.createObjectURL(new Blob([answer.bytes], { type: 'image/jpeg' })));
    this.release(seconds);
    this.onChange();
  }

  /** Lets the farthest go where there are too many. */
  private release(from: number): void {
    if (this.pictures.size <= capacity) return;
    const farthest = [...this.pictures.keys()].reduce((a, b) => (Math.abs(b - from) > Math.abs(a - from) ? b : a));
    URL.revokeObjectURL(this.pictures.get(farthest)!);
    this.pictures.delete(farthest);
    this.asked.delete(farthest);
  }
}
