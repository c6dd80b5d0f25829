import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import type { Wish } from '../../webview/trajectory/wish.ts';
import { WishStore } from '../../webview/trajectory/wishStore.ts';

const wish = (order: number): Wish => ({ turns: [], state: 'xT', order });
/** Something of 100 bytes. */
interface Value {
  readonly order: number;
}

/** A store of `limit` bytes whose questions are answered by hand. */
class Bench {
  readonly asked: number[] = [];
  readonly failures: number[] = [];
  private readonly waiting = new Map<number, { readonly resolve: (value: Value) => void; readonly reject: (error: Error) => void }>();
  readonly released: number[] = [];
  readonly store: WishStore<Value>;

  constructor(limit: number) {
    this.store = new WishStore({
      fetch: ({ order }) => new Promise((resolve, reject) => {
        this.asked.push(order);
        this.waiting.set(order, { resolve, reject });
      }),
      sizeOf: () => 100, limit, together: 2, onChange: () => undefined, onFailure: ({ order }) => { this.failures.push(order); }, release: ({ order }) => { this.released.push(order); },
    });
  }

  async answer(order: number, error?: Error): Promise<void> {
    const waiting = this.waiting.get(order)!;
    this.waiting.delete(order);
    if (error) waiting.reject(error);
    else waiting.resolve({ order });
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  held(orders: readonly number[]): readonly number[] {
    return orders.filter((order) => this.store.get(wish(order)) !== undefined);
  }
}

describe('the trajectory view: held states', () => {
  it('asks two questions at once, and what was wished for last comes first', async () => {
    const bench = new Bench(1000);
    bench.store.want([1, 2, 3, 4].map(wish));
    assert.deepEqual(bench.asked, [1, 2]);
    bench.store.want([9, 3].map(wish));
    assert.deepEqual(bench.asked, [1, 2], 'what is under way is not given up');
    await bench.answer(1);
    await bench.answer(2);
    assert.deepEqual(bench.asked, [1, 2, 9, 3]);
  });

  it('forgets what was not looked at for longest, and never holds more than its limit', async () => {
    const bench = new Bench(300);
    for (const order of [1, 2, 3]) {
      bench.store.want([wish(order)]);
      await bench.answer(order);
    }
    bench.store.get(wish(1));
    bench.store.want([wish(4)]);
    await bench.answer(4);
    assert.equal(bench.store.size, 300);
    assert.deepEqual([bench.held([1, 2, 3, 4]), bench.released], [[1, 3, 4], [2]]);
  });

  it('wishes that do not fit are not fetched in turns for ever', async () => {
    const bench = new Bench(200);
    bench.store.want([1, 2, 3, 4].map(wish));
    await bench.answer(1);
    await bench.answer(2);
    bench.store.want([1, 2, 3, 4].map(wish));
    assert.deepEqual(bench.asked, [1, 2]);
    assert.deepEqual(bench.held([1, 2]), [1, 2]);
  });

  it('what could not be had is told once, and asked for again when it is forgiven', async () => {
    const bench = new Bench(1000);
    bench.store.want([wish(1)]);
    await bench.answer(1, new Error('gone'));
    bench.store.want([wish(1)]);
    assert.deepEqual([bench.asked, bench.failures], [[1], [1]]);
    bench.store.forgive();
    assert.deepEqual(bench.asked, [1, 1]);
    await bench.answer(1);
    assert.deepEqual(bench.held([1]), [1]);
  });

  it('nothing is kept or told once it is disposed', async () => {
    const bench = new Bench(1000);
    bench.store.want([wish(1), wish(2)]);
    bench.store.dispose();
    await bench.answer(1);
    await bench.answer(2, new Error('late'));
    assert.deepEqual([bench.store.size, bench.failures, bench.released], [0, [], [1]]);
  });
});
