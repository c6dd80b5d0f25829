/** Milliseconds that each of two walks is shown. */
const turn = 700;

/** Shows two walks by turns, or the other one while a key is held. */
export class Blinker {
  /** It is the other one's turn. */
  other = false;
  private timer: ReturnType<typeof setInterval> | undefined;
  private held = false;

  constructor(private readonly onTurn: () => void) {}

  /** Begins or ends taking turns. Who wants no motion turns by the key. */
  follow(blinking: boolean): void {
    const runs = blinking && !matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (runs === (this.timer !== undefined)) return;
    clearInterval(this.timer);
    this.timer = runs ? setInterval(() => { if (!this.held) this.turn(!this.other); }, turn) : undefined;
    if (!runs && !this.held) this.turn(false);
  }

  hold(held: boolean): void {
    if (held === this.held) return;
    this.held = held;
    this.turn(held);
  }

  private turn(other: boolean): void {
    if (other === this.other) return;
    this.other = other;
    this.onTurn();
  }
}
