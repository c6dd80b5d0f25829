/** Seconds of the past that the speed is taken from, about. */
const memory = 5;

/** Time left of a transfer, from its speed of late: connections change theirs. */
export class SecondsLeft {
  private speed: number | undefined;
  private since: number;
  private readonly started: number;

  constructor(private done: number, private readonly now: () => number = () => performance.now()) {
    this.since = this.started = now();
  }

  /** @returns undefined until it can be told */
  at(done: number, total: number): number | undefined {
    const now = this.now();
    const seconds = (now - this.since) / 1000;
    if (seconds >= 0.25) {
      const speed = (done - this.done) / seconds;
      const weight = 1 - Math.exp(-seconds / memory);
      this.speed = this.speed === undefined ? speed : this.speed + weight * (speed - this.speed);
      this.done = done;
      this.since = now;
    }
    return this.speed === undefined || this.speed <= 0 || now - this.started < 1000 ? undefined : Math.round((total - done) / this.speed);
  }
}
