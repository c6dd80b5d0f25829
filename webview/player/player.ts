import type { FrameIndex } from './frameIndex.ts';
import type { FrameStore } from './frameStore.ts';
import type { SoundPlayer } from './soundPlayer.ts';

export interface PlayerListener {
  /** The playhead stands at another frame, or playing began or ended. */
  readonly onChange: () => void;
}

/** Frames that must be there before playing goes on after it had to wait. */
const enough = 6;

/** Moves the playhead: by hand, and in time with the sound. */
export class Player {
  position = 0;
  /** 0 stands; 1 plays; negative plays backwards. */
  rate = 0;
  muted = false;
  private began: { readonly at: number; readonly seconds: number } | undefined;
  private waiting = false;
  private end: number | undefined;

  constructor(private readonly store: FrameStore, private readonly sound: SoundPlayer | undefined, private readonly listener: PlayerListener) {}

  get playing(): boolean {
    return this.rate !== 0;
  }

  private get index(): FrameIndex {
    return this.store.index;
  }

  /** @param rate 1 is the clip's own speed */
  play(rate = 1, end?: number): void {
    const last = this.index.count - 1;
    if (rate > 0 && this.position >= (end ?? last)) this.position = 0;
    if (rate < 0 && this.position === 0) this.position = last;
    this.rate = rate;
    this.end = end;
    this.begin();
    this.listener.onChange();
    requestAnimationFrame(this.tick);
  }

  pause(): void {
    this.rate = 0;
    this.waiting = false;
    this.sound?.stop();
    this.store.look(this.position);
    this.listener.onChange();
  }

  seek(frame: number): void {
    this.position = Math.min(this.index.count - 1, Math.max(0, frame));
    this.store.look(this.position, this.rate < 0 ? -1 : 1);
    if (this.playing) this.begin();
    this.listener.onChange();
  }

  /** Playing stops; the playhead moves by whole frames. */
  step(frames: number): void {
    if (this.playing) this.pause();
    this.position = Math.min(this.index.count - 1, Math.max(0, this.position + frames));
    this.store.look(this.position, frames < 0 ? -1 : 1);
    this.listener.onChange();
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    if (this.sound) this.sound.volume = muted ? 0 : 1;
    this.listener.onChange();
  }

  private begin(): void {
    const seconds = this.index.seconds(this.position);
    this.began = { at: performance.now(), seconds };
    this.sound?.stop();
    if (this.rate === 1) void this.sound?.start(seconds, this.muted ? 0 : 1);
  }

  /** Second of the clip that should be seen now. */
  private now(): number {
    const { at, seconds } = this.began!;
    const heard = this.rate === 1 ? this.sound?.time : undefined;
    return heard ?? seconds + ((performance.now() - at) / 1000) * this.rate;
  }

  private readonly tick = (): void => {
    if (!this.playing) return;
    requestAnimationFrame(this.tick);
    const direction = this.rate < 0 ? -1 : 1;
    if (this.waiting) {
      const there = Array.from({ length: enough }, (_, i) => this.position + direction * i).filter((frame) => frame >= 0 && frame < this.index.count);
      if (!there.every((frame) => this.store.has(frame))) return;
      this.waiting = false;
      this.begin();
    }
    const target = this.index.at(Math.max(0, this.now()));
    const last = this.end ?? this.index.count - 1;
    if (direction === 1 ? target >= last : target <= 0) {
      this.position = direction === 1 ? last : 0;
      this.pause();
      return;
    }
    if (target !== this.position) {
      this.store.look(target, direction, Math.min(90, Math.round(45 * Math.abs(this.rate))));
      if (!this.store.has(target)) {
        this.waiting = true;
        this.position = target;
        this.sound?.stop();
      } else if (this.store.get(target)) this.position = target;
      this.listener.onChange();
    }
  };
}
