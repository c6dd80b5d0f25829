import type { StateKind, Turn } from '../protocol.ts';
import type { Tensor } from './tensor.ts';
import { turnsKey } from './turns.ts';

/** One tensor of one walk. */
export interface Wish {
  readonly turns: readonly Turn[];
  readonly state: StateKind;
  readonly order: number;
}

/** Bytes of tensors that are held at once: 42 half-float states of 512 px. The page as a whole stays well under 400 MB with it. */
const held = 64 * 1024 * 1024;
/** Questions under way at once: what is wished meanwhile must not wait behind old wishes. */
const together = 2;

export function wishKey({ turns, state, order }: Wish): string {
  return `${state} ${state === 'input' || state === 'estimate' ? '' : `${order} ${turnsKey(turns)}`}`;
}

/** Tensors around the cursor: fetched in the order they are wished for, and forgotten when they have not been looked at for longest. */
export class StateStore {
  private readonly tensors = new Map<string, Tensor>();  // the one looked at last is last
  private readonly underWay = new Set<string>();
  private readonly failed = new Set<string>();
  private wishes: readonly Wish[] = [];
  private bytes = 0;
  private largest = 1;
  private disposed = false;

  constructor(private readonly fetch: (wish: Wish) => Promise<Tensor>, private readonly onChange: () => void, private readonly onFailure: (wish: Wish, error: unknown) => void, private readonly limit = held) {}

  /** What is held of a wish; it counts as looked at. */
  get(wish: Wish): Tensor | undefined {
    const key = wishKey(wish);
    const tensor = this.tensors.get(key);
    if (tensor) {
      this.tensors.delete(key);
      this.tensors.set(key, tensor);
    }
    return tensor;
  }

  /** Replaces all wishes that nobody fetches yet; the most urgent is first. */
  want(wishes: readonly Wish[]): void {
    this.wishes = wishes;
    this.next();
  }

  /** What could not be had may be asked for again. */
  forgive(): void {
    this.failed.clear();
    this.next();
  }

  get size(): number {
    return this.bytes;
  }

  dispose(): void {
    this.disposed = true;
    this.wishes = [];
    this.tensors.clear();
    this.bytes = 0;
  }

  private next(): void {
    // No more than fits: else what was just fetched would go for the next, and be fetched again.
    const wishes = this.wishes.slice(0, Math.max(1, Math.floor(this.limit / this.largest)));
    for (const wish of wishes.toReversed()) this.get(wish);
    for (const wish of wishes) {
      if (this.underWay.size >= together) return;
      const key = wishKey(wish);
      if (!this.tensors.has(key) && !this.underWay.has(key) && !this.failed.has(key)) void this.read(wish, key);
    }
  }

  private async read(wish: Wish, key: string): Promise<void> {
    this.underWay.add(key);
    try {
      const tensor = await this.fetch(wish);
      if (this.ended()) return;
      this.tensors.set(key, tensor);
      this.bytes += tensor.values.byteLength;
      this.largest = Math.max(this.largest, tensor.values.byteLength);
      this.evict();
      this.onChange();
    } catch (error) {
      this.failed.add(key);
      if (!this.ended()) this.onFailure(wish, error);
    } finally {
      this.underWay.delete(key);
      this.next();
    }
  }

  private evict(): void {
    for (const [key, { values }] of this.tensors) {
      if (this.bytes <= this.limit || this.tensors.size === 1) return;
      this.tensors.delete(key);
      this.bytes -= values.byteLength;
    }
  }

  /** A call, because it changes while one waits. */
  private ended(): boolean {
    return this.disposed;
  }
}
