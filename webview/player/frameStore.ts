import type { Ask } from '../host.ts';
import type { Size } from '../viewer/panZoom.ts';
import type { FrameIndex } from './frameIndex.ts';

/** A decoded frame, ready to be drawn. */
export interface Picture {
  readonly original: ImageBitmap;
  readonly restored: ImageBitmap | undefined;
}

interface Entry {
  readonly original: Blob;
  readonly restored: Blob | undefined;
  /** The restored pixels were asked for, and may have changed since. */
  stale: boolean;
  readonly layered: boolean;
  picture: Promise<Picture> | undefined;
  ready: Picture | undefined;
}

/** Frames that are on their way. */
interface Flight {
  readonly from: number;
  readonly count: number;
  /** For the playhead, not ahead of it. */
  readonly urgent: boolean;
}

/** Frames ahead of the playhead that are kept decoded, and behind it. */
const [decodedAhead, decodedBehind] = [10, 4];
/** Frames that are fetched ahead while the clip stands, and around it. */
const [fetchedAhead, fetchedBehind] = [24, 12];
const batch = 8;
/** Failures in a row after which nothing is asked for until the playhead moves. */
const patience = 3;
/** Bytes of encoded frames that are kept. */
const capacity = 160e6;

/** Fetches frames around the playhead, the most urgent first, one request at a time: what is asked for late is not waited for behind what is no longer wanted. */
export class FrameStore {
  private readonly entries = new Map<number, Entry>();
  private position = 0;
  private direction: 1 | -1 = 1;
  private ahead = fetchedAhead;
  private flight: Flight | undefined;
  private bytes = 0;
  private failed = 0;
  /** A failure was told and no frame has come since. */
  private failing = false;
  private generation = 0;
  private pinned: Picture | undefined;
  layered = false;

  constructor(private readonly ask: Ask, public index: FrameIndex, private readonly size: Size, private readonly onFrame: (frame: number) => void, private readonly onFailure: (message: string | undefined) => void) {}

  /** The frame as it can be drawn now; undefined while it is on its way. Outdated restored pixels are better than none. */
  get(frame: number): Picture | undefined {
    const entry = this.entries.get(frame);
    if (entry && !entry.picture) this.decode(frame, entry);
    return entry?.ready;
  }

  /** The picture that is on the screen stays drawable until another one is, wherever the playhead went meanwhile. */
  pin(picture: Picture): void {
    const before = this.pinned;
    this.pinned = picture;
    if (before && before !== picture && ![...this.entries.values()].some(({ ready }) => ready === before)) close(before);
  }

  has(frame: number): boolean {
    return this.entries.has(frame);
  }

  /** Moves the playhead: what failed elsewhere is tried once more. @param ahead how many frames are wanted beyond it */
  look(position: number, direction: 1 | -1 = 1, ahead = fetchedAhead): void {
    if (position !== this.position) this.failed = Math.min(this.failed, patience - 1);
    this.position = position;
    this.direction = direction;
    this.ahead = ahead;
    this.prepare();
    this.pump();
  }

  /** Restored pixels of one frame, or of all, have changed. */
  outdate(frame?: number): void {
    if (frame === undefined) for (const entry of this.entries.values()) entry.stale = true;
    else {
      const entry = this.entries.get(frame);
      if (entry) entry.stale = true;
    }
    this.pump();
  }

  /** Other presentation times: frames are kept when they are those of the estimate. */
  reindex(index: FrameIndex): void {
    const same = index.ticks.slice(0, 100).every((ticks, i) => Math.abs(ticks - (this.index.ticks[i] ?? Infinity)) <= 1) && Math.abs(index.count - this.index.count) <= 1;
    this.index = index;
    if (!same) this.clear();
    this.pump();
  }

  clear(): void {
    for (const entry of this.entries.values()) this.release(entry);
    this.entries.clear();
    this.bytes = 0;
    this.generation++;
  }

  private needs(frame: number): boolean {
    if (frame < 0 || frame >= this.index.count) return false;
    const entry = this.entries.get(frame);
    return !entry || (this.layered && (entry.stale || !entry.layered));
  }

  /** The next frames to fetch: the one at the playhead, those ahead, those behind. */
  private urgent(): { readonly from: number; readonly count: number } | undefined {
    const { position, direction } = this;
    const run = (from: number): { readonly from: number; readonly count: number } => {
      let count = 1;
      while (count < batch && this.needs(from + count)) count++;
      return { from, count };
    };
    if (this.needs(position)) return { from: position, count: this.has(position - 1) || this.entries.size === 0 ? Math.min(2, this.index.count - position) : 1 };
    for (let i = 1; i <= this.ahead; i++) {
      const frame = position + direction * i;
      if (!this.needs(frame)) continue;
      if (direction === 1) return run(frame);
      const from = Math.max(0, frame - batch + 1);
      return { from, count: frame - from + 1 };
    }
    for (let i = 1; i <= fetchedBehind; i++) {
      const frame = position - direction * i;
      if (!this.needs(frame)) continue;
      const from = Math.max(0, direction === 1 ? frame - batch + 1 : frame);
      return { from, count: Math.min(batch, this.index.count - from) };
    }
    return undefined;
  }

  /** Asks for what is most urgent. Frames that are fetched ahead are given up when the playhead jumps; one that is fetched for the playhead is waited for. */
  private pump(): void {
    const { flight, position } = this;
    if (this.failed >= patience || (flight && (flight.urgent || !this.needs(position) || (position >= flight.from && position < flight.from + flight.count)))) return;
    const wanted = this.urgent();
    if (!wanted) return;
    const next: Flight = { ...wanted, urgent: wanted.from === position };
    this.flight = next;
    void this.fetch(next).finally(() => {
      if (this.flight === next) this.flight = undefined;
      this.pump();
    });
  }

  private async fetch(flight: Flight): Promise<void> {
    const { from, count } = flight;
    const { layered, generation, index } = this;
    const outdated = Array.from({ length: count }, (_, i) => this.entries.get(from + i)).filter((entry) => entry?.stale);
    const setStale = (stale: boolean): void => { for (const entry of outdated) entry!.stale = stale; };
    setStale(false);                                                    // what changes from now on is newer than the answer
    try {
      const { result, bytes } = await this.ask({ what: 'frames', from: index.ticks[from]!, count, width: this.size.width, height: this.size.height, restored: layered });
      if (generation !== this.generation || index !== this.index) return;
      this.succeed(result.places.length > 0);
      const blob = ([at, length]: readonly [number, number]): Blob => new Blob([bytes.slice(at, at + length)], { type: 'image/jpeg' });
      for (const { ticks, original, restored } of result.places) this.keep(index.nearest(ticks), { original: blob(original), restored: restored && blob(restored), stale: false, layered, picture: undefined, ready: undefined });
      if (result.interrupted) setStale(true);                           // those that came are new entries
      // a frame the file announces and cannot give must not be asked for for ever
      if (!result.interrupted && !result.places.some(({ ticks }) => index.nearest(ticks) === from)) this.fill(from, layered);
    } catch (error) {
      setStale(true);
      this.failed++;
      if (this.failed === patience) {
        this.failing = true;
        this.onFailure(error instanceof Error ? error.message : String(error));
      }
    }
    this.prepare();
  }

  private succeed(frames: boolean): void {
    this.failed = 0;
    if (!this.failing || !frames) return;
    this.failing = false;
    this.onFailure(undefined);
  }

  private fill(frame: number, layered: boolean): void {
    const near = this.entries.get(frame - 1) ?? this.entries.get(frame + 1);
    if (near) this.keep(frame, { ...near, layered, picture: undefined, ready: undefined });
    else this.failed++;
  }

  private keep(frame: number, entry: Entry): void {
    const before = this.entries.get(frame);
    if (before) {
      this.bytes -= size(before);
      entry.ready = before.ready;                                       // drawn until the new one is decoded
    }
    this.entries.set(frame, entry);
    this.bytes += size(entry);
    if (Math.abs(frame - this.position) <= decodedAhead) this.decode(frame, entry);
    while (this.bytes > capacity) {
      const farthest = [...this.entries.keys()].reduce((a, b) => (Math.abs(b - this.position) > Math.abs(a - this.position) ? b : a));
      if (farthest === frame) break;
      const gone = this.entries.get(farthest)!;
      this.release(gone);
      this.bytes -= size(gone);
      this.entries.delete(farthest);
    }
  }

  /** Decodes what is near the playhead and lets go of what is not. */
  private prepare(): void {
    for (const [frame, entry] of this.entries) {
      const distance = (frame - this.position) * this.direction;
      if (distance >= -decodedBehind && distance <= decodedAhead) this.decode(frame, entry);
      else if (distance < -2 * decodedBehind || distance > 2 * decodedAhead) this.release(entry);
    }
  }

  private decode(frame: number, entry: Entry): void {
    if (entry.picture) return;
    const picture = Promise.all([createImageBitmap(entry.original), entry.restored ? createImageBitmap(entry.restored) : undefined]).then(([original, restored]) => ({ original, restored }));
    entry.picture = picture;
    void picture.then((ready) => {
      if (entry.picture !== picture || this.entries.get(frame) !== entry) {
        close(ready);
        return;
      }
      const before = entry.ready;
      entry.ready = ready;
      if (before && before !== this.pinned) close(before);
      this.onFrame(frame);
    }, () => undefined);
  }

  private release(entry: Entry): void {
    if (entry.ready && entry.ready !== this.pinned) close(entry.ready);
    entry.ready = undefined;
    entry.picture = undefined;
  }
}

function size({ original, restored }: Entry): number {
  return original.size + (restored?.size ?? 0);
}

function close({ original, restored }: Picture): void {
  original.close();
  restored?.close();
}
