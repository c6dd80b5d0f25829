/** First and last of consecutive frames. */
export type Run = readonly [number, number];

/** A growing set of frames, held as runs: what is asked of it costs as much as there are gaps, not frames. */
export class FrameRuns {
  private readonly runs: [number, number][] = [];

  constructor(frames: readonly number[] = []) {
    for (const frame of [...frames].sort((a, b) => a - b)) this.add(frame);
  }

  get empty(): boolean {
    return this.runs.length === 0;
  }

  add(frame: number): void {
    const at = this.after(frame);
    const [before, next] = [this.runs[at - 1], this.runs[at]];
    if (before && frame <= before[1]) return;
    const [joinsBefore, joinsNext] = [before?.[1] === frame - 1, next?.[0] === frame + 1];
    if (before && joinsBefore) {
      before[1] = next && joinsNext ? next[1] : frame;
      if (joinsNext) this.runs.splice(at, 1);
    } else if (next && joinsNext) next[0] = frame;
    else this.runs.splice(at, 0, [frame, frame]);
  }

  /** The runs as far as they lie within bounds. */
  within(low: number, high: number): readonly Run[] {
    return this.runs.filter(([first, last]) => last >= low && first <= high).map(([first, last]) => [Math.max(low, first), Math.min(high, last)]);
  }

  /** Place of the first run that begins after a frame. */
  private after(frame: number): number {
    let [low, high] = [0, this.runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.runs[middle]![0] <= frame) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
