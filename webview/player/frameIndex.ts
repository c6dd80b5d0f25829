import type { ClipViewInfo } from '../protocol.ts';

/** The presentation times of a clip's frames. Until they were read from the file, evenly spaced ones stand for them. */
export class FrameIndex {
  /** @param ticks ascending, at least one */
  constructor(readonly ticks: readonly number[], readonly ticksPerSecond: number, readonly exact: boolean) {}

  static estimated({ frameRate, duration, ticksPerSecond, start }: ClipViewInfo): FrameIndex {
    const count = Math.max(1, Math.round(duration * frameRate));
    return new FrameIndex(Array.from({ length: count }, (_, i) => start + Math.round((i * ticksPerSecond) / frameRate)), ticksPerSecond, false);
  }

  get count(): number {
    return this.ticks.length;
  }

  /** Seconds from the first frame to the end of the last, which is shown as long as the one before. */
  get duration(): number {
    const last = this.count - 1;
    return this.seconds(last) + (last > 0 ? this.seconds(last) - this.seconds(last - 1) : 1 / 25);
  }

  /** When a frame is shown, in seconds from the first. */
  seconds(frame: number): number {
    return (this.ticks[frame]! - this.ticks[0]!) / this.ticksPerSecond;
  }

  /** The frame that is shown at a time. */
  at(seconds: number): number {
    return this.lastNotAfter(this.ticks[0]! + seconds * this.ticksPerSecond + 0.5);
  }

  /** The frame whose time is nearest. */
  nearest(ticks: number): number {
    const before = this.lastNotAfter(ticks);
    const after = Math.min(this.count - 1, before + 1);
    return Math.abs(this.ticks[after]! - ticks) < Math.abs(this.ticks[before]! - ticks) ? after : before;
  }

  private lastNotAfter(ticks: number): number {
    let [low, high] = [0, this.count - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.ticks[middle]! <= ticks) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
