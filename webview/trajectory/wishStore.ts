import { wishKey, type Wish } from './wish.ts';

export interface WishStoreOptions<T> {
  readonly fetch: (wish: Wish) => Promise<T>;
  readonly sizeOf: (value: T) => number;
  /** Bytes that are held at once. */
  readonly limit: number;
  /** Questions under way at once: what is wished meanwhile must not wait behind old wishes. */
  readonly together: number;
  readonly onChange: () => void;
  readonly onFailure?: (wish: Wish, error: unknown) => void;
  /** What is to be done with a value that is forgotten. */
  readonly release?: (value: T) => void;
}

/** What is known of states around the cursor: fetched in the order it is wished for, and forgotten when it has not been looked at for longest. */
export class WishStore<T> {
  private readonly values = new Map<string, T>();                        // the one looked at last is last
  private readonly underWay = new Set<string>();
  private readonly failed = new Set<string>();
  private wishes: readonly Wish[] = [];
  private bytes = 0;
  private largest = 1;
  private disposed = false;

  constructor(private readonly options: WishStoreOptions<T>) {}

  /** What is held of a wish; it counts as looked at. */
  get(wish: Wish): T | undefined {
    const key = wishKey(wish);
    const value = this.values.get(key);
    if (value !== undefined) {
      this.values.delete(key);
      this.values.set(key, value);
    }
    return value;
  }

  /** It is held, or cannot be had. */
  settled(wish: Wish): boolean {
    const key = wishKey(wish);
    return this.values.has(key) || this.failed.has(key);
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
    for (const value of this.values.values()) this.options.release?.(value);
    this.values.clear();
    this.bytes = 0;
  }

  private next(): void {
    const { limit, together } = this.options;
    // No more than fits: else what was just fetched would go for the next, and be fetched again.
    const wishes = this.wishes.slice(0, Math.max(1, Math.floor(limit / this.largest)));
    for (const wish of wishes.toReversed()) this.get(wish);
    for (const wish of wishes) {
      if (this.underWay.size >= together) return;
      const key = wishKey(wish);
      if (!this.values.has(key) && !this.underWay.has(key) && !this.failed.has(key)) void this.read(wish, key);
    }
  }

  private async read(wish: Wish, key: string): Promise<void> {
    const { fetch, sizeOf, release, onChange, onFailure } = this.options;
    this.underWay.add(key);
    try {
      const value = await fetch(wish);
      if (this.ended()) {
        release?.(value);
        return;
      }
      const size = sizeOf(value);
      this.values.set(key, value);
      this.bytes += size;
      this.largest = Math.max(this.largest, size);
      this.evict();
      onChange();
    } catch (error) {
      this.failed.add(key);
      if (!this.ended()) onFailure?.(wish, error);
    } finally {
      this.underWay.delete(key);
      this.next();
    }
  }

  private evict(): void {
    const { sizeOf, limit, release } = this.options;
    for (const [key, value] of this.values) {
      if (this.bytes <= limit || this.values.size === 1) return;
      this.values.delete(key);
      this.bytes -= sizeOf(value);
      release?.(value);
    }
  }

  /** A call, because it changes while one waits. */
  private ended(): boolean {
    return this.disposed;
  }
}
