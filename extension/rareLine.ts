/** Writes one line again and again, but not too often: of lines that come faster only the newest is written. */
export class RareLine {
  private waiting: string | undefined;
  private busy: Promise<void> | undefined;
  private ended = false;

  /** @param pause milliseconds between two writes */
  constructor(private readonly write: (line: string) => PromiseLike<void>, private readonly pause = 200) {}

  tell(line: string): void {
    if (this.ended) return;
    this.waiting = line;
    this.busy ??= this.drain();
  }

  /** What waits is not written any more. Resolves when nothing is being written. */
  async end(): Promise<void> {
    this.ended = true;
    this.wake();
    await this.busy;
  }

  private wake: () => void = () => undefined;

  private async drain(): Promise<void> {
    while (this.waiting !== undefined && !this.ended) {
      const line = this.waiting;
      this.waiting = undefined;
      await Promise.resolve(this.write(line)).catch(() => undefined);   // a cell that is gone needs no line
      await this.rest();
    }
    this.busy = undefined;
  }

  private rest(): Promise<void> {
    return new Promise((resolve) => {
      if (this.ended) {
        resolve();
        return;
      }
      const timer = setTimeout(resolve, this.pause);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
