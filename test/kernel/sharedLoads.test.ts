import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { SharedLoads } from '../../kernel/sharedLoads.ts';

/** Something that is made when the test says so, and fails when nobody wants it any more; counted. */
class Making {
  private readonly runs: { readonly finish: (value: string) => void; readonly fail: (error: unknown) => void; readonly signal: AbortSignal }[] = [];

  readonly make = (signal: AbortSignal): Promise<string> => new Promise((finish, fail) => {
    this.runs.push({ finish, fail, signal });
  });

  get begun(): number {
    return this.runs.length;
  }

  /** @param n counted from 1 */
  run(n: number): (typeof this.runs)[number] {
    return this.runs[n - 1]!;
  }

  /** The run ends as it should when it is told to. */
  endCancelled(n: number): void {
    assert.ok(this.run(n).signal.aborted, 'it was not told to end');
    this.run(n).fail(this.run(n).signal.reason);
  }
}

const reason = (error: unknown): unknown => error;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what several load at once', () => {
  it('is made once for each key, and kept', async () => {
    const [loads, making] = [new SharedLoads<string>(), new Making()];
    const both = [loads.get('a', making.make), loads.get('a', making.make), loads.get('b', making.make)];
    making.run(1).finish('A');
    making.run(2).finish('B');
    assert.deepEqual(await Promise.all(both), ['A', 'A', 'B']);
    assert.equal(await loads.get('a', making.make), 'A');
    assert.equal(await loads.peek('a'), 'A');
    assert.equal(making.begun, 2);
  });

  it('is made again after it failed, after it was forgotten, and each time where it is not to be kept', async () => {
    const [loads, making] = [new SharedLoads<string>(), new Making()];
    const failed = [loads.get('a', making.make), loads.get('a', making.make)];
    making.run(1).fail(new Error('no'));
    for (const one of failed) await assert.rejects(one, /no/);
    assert.equal(loads.peek('a'), undefined);
    const again = loads.get('a', making.make);
    making.run(2).finish('A');
    assert.equal(await again, 'A');
    loads.forget((key) => key === 'b');
    assert.equal(await loads.get('a', making.make), 'A');
    loads.forget();
    void loads.get('a', making.make);
    assert.equal(making.begun, 3);

    const [passing, twice] = [new SharedLoads<string>(false), new Making()];
    const shared = [passing.get('a', twice.make), passing.get('a', twice.make)];
    twice.run(1).finish('A');
    assert.deepEqual(await Promise.all(shared), ['A', 'A']);
    void passing.get('a', twice.make);
    assert.equal(twice.begun, 2);
  });

  it('is what was put there, whatever is on its way', async () => {
    const [loads, making] = [new SharedLoads<string>(), new Making()];
    const waiting = loads.get('a', making.make);
    loads.put('a', 'put');
    making.run(1).fail(new Error('no'));
    await assert.rejects(waiting, /no/);
    assert.equal(await loads.get('a', making.make), 'put');
    assert.equal(making.begun, 1);
  });

  it('goes on for the others when one gives it up, who is let go at once', async () => {
    const [loads, making, controller] = [new SharedLoads<string>(), new Making(), new AbortController()];
    const [first, second] = [loads.get('a', making.make, controller.signal), loads.get('a', making.make, new AbortController().signal)];
    controller.abort('enough');
    assert.equal(await first.catch(reason), 'enough');
    assert.equal(making.run(1).signal.aborted, false);
    making.run(1).finish('A');
    assert.equal(await second, 'A');
  });

  it('is told to end when the last one gives it up, who waits until it has ended', async () => {
    const [loads, making, controller] = [new SharedLoads<string>(), new Making(), new AbortController()];
    let ended = false;
    const only = loads.get('a', making.make, controller.signal).catch(reason).finally(() => { ended = true; });
    controller.abort('enough');
    await turn();
    assert.equal(ended, false);
    making.endCancelled(1);
    assert.equal(await only, 'enough');
  });

  it('is begun again for those who ask while it is being given up', async () => {
    const [loads, making, controller] = [new SharedLoads<string>(), new Making(), new AbortController()];
    const first = loads.get('a', making.make, controller.signal).catch(reason);
    controller.abort('enough');
    const second = loads.get('a', making.make, new AbortController().signal);
    assert.equal(making.begun, 1);
    making.endCancelled(1);
    assert.equal(await first, 'enough');
    await turn();
    assert.equal(making.begun, 2);
    making.run(2).finish('A');
    assert.equal(await second, 'A');
  });

  it('serves those who ask while it is being given up, where it did not heed that', async () => {
    const [loads, making, controller] = [new SharedLoads<string>(), new Making(), new AbortController()];
    const first = loads.get('a', making.make, controller.signal).catch(reason);
    controller.abort('enough');
    const second = loads.get('a', making.make);
    making.run(1).finish('A');
    assert.deepEqual(await Promise.all([first, second]), ['enough', 'A']);
    assert.equal(making.begun, 1);
  });

  it('is not begun for somebody who gave up before', async () => {
    const [loads, making] = [new SharedLoads<string>(), new Making()];
    assert.equal(await loads.get('a', making.make, AbortSignal.abort('enough')).catch(reason), 'enough');
    assert.equal(making.begun, 0);
  });
});
