/** Milliseconds from one end of a walk to the other, whatever its number of steps. */
const wholeWalk = 4000;

/** Walks through the steps in time, forwards or backwards. */
export class StepPlayer {
  /** 0 stands; negative plays backwards. */
  rate = 0;
  private began: { readonly at: number; readonly position: number } | undefined;
  private position = 0;

  /** @param onPosition tells whether the state can be shown at once: it is waited for else */
  constructor(private readonly count: () => number, private readonly onPosition: (position: number) => boolean, private readonly onChange: () => void) {}

  play(rate: number, from: number): void {
    const last = this.count() - 1;
    this.position = rate > 0 && from >= last ? 0 : rate < 0 && from <= 0 ? last : from;
    const started = this.rate !== 0;
    this.rate = rate;
    this.began = { at: performance.now(), position: this.position };
    this.onPosition(this.position);
    this.onChange();
    if (!started) requestAnimationFrame(this.tick);
  }

  pause(): void {
    if (this.rate === 0) return;
    this.rate = 0;
    this.onChange();
  }

  private readonly tick = (now: number): void => {
    if (this.rate === 0) return;
    requestAnimationFrame(this.tick);
    const { at, position } = this.began!;
    const last = this.count() - 1;
    const walked = Math.trunc((Math.max(0, now - at) / wholeWalk) * this.rate * last);
    const target = Math.min(last, Math.max(0, position + walked));
    if (target === this.position) return;
    // What is still on its way holds the walk up by one step, not by all that time has passed meanwhile.
    const next = this.position + Math.sign(target - this.position);
    const shown = this.onPosition(Math.abs(target - this.position) > 1 ? next : target);
    this.position = Math.abs(target - this.position) > 1 ? next : target;
    if (!shown || this.position !== target) this.began = { at: now, position: this.position };
    if (this.position === (this.rate > 0 ? last : 0)) this.pause();
  };
}
