import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { StateStore, type Wish } from '../../webview/trajectory/stateStore.ts';
import type { Tensor } from '../../webview/trajectory/tensor.ts';

const wish = (order: number): Wish => ({ turns: [], state: 'xT', order });
const tensor: Tensor = { values: new Float32Array(25), channels: 1, height: 5, width: 5 };  // 100 bytes

/** A store of `limit` bytes whose questions are answered by hand. */
class Bench {
  readonly asked: number[] = [];
  readonly failures: number[] = [];
  private readonly waiting = new Map<number, { readonly resolve: (tensor: Tensor) => void; readonly reject: (error: Error) => void }>();
  readonly store: StateStore;

  constructor(limit: number) {
    this.store = new StateStore(({ order }) => new Promise((resolve, reject) => {
      this.asked.push(order);
      this.waiting.set(order, { resolve, reject });
    }), () => undefined, ({ order }) => { this.failures.push(order); }, limit);
  }

  async answer(order: number, error?: Error): Promise<void> {
    const waiting = this.waiting.get(order)!;
    this.waiting.delete(order);
    if (error) waiting.reject(error);
    else waiting.resolve({ ...tensor, values: tensor.values.slice() });
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
    assert.deepEqual(bench.held([1, 2, 3, 4]), [1, 3, 4]);
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
    assert.deepEqual([bench.store.size, bench.failures], [0, []]);
  });
});
