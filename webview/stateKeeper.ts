/** Milliseconds between two writings. */
const rest = 200;

/** Writes what changes often no more often than needed: the first change at once, the last one in any case. */
export class StateKeeper<S> {
  private waiting: { readonly state: S } | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly write: (state: S) => void) {}

  keep(state: S): void {
    this.waiting = { state };
    if (this.timer === undefined) this.flush();
  }

  /** Writes what waits: the page may be gone soon. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.waiting) return;
    const { state } = this.waiting;
    this.waiting = undefined;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, rest);
    this.write(state);
  }
}
