import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Need, Wish } from '../../webview/trajectory/wish.ts';
import { WalkStates } from '../../webview/trajectory/walkStates.ts';

const wish = (order: number): Wish => ({ turns: [], state: 'xT', order });
const need = (order: number, picture = true): Need => ({ ...wish(order), picture });

describe('the trajectory view: states of large faces', () => {
  let tensors: number[];
  let pictures: number[];
  let states: WalkStates;
  const decode = globalThis.createImageBitmap as unknown;

  beforeEach(() => {
    [tensors, pictures] = [[], []];
    // Node has none: what is decoded is an object that can be told apart.
    Object.assign(globalThis, { createImageBitmap: (blob: Blob) => Promise.resolve({ width: 512, height: 512, size: blob.size, close: () => undefined }) });
    states = new WalkStates({
      tensor: ({ order }) => {
        tensors.push(order);
        return Promise.resolve({ values: new Uint16Array(3), channels: 3, height: 1, width: 1 });
      },
      picture: ({ order }) => {
        pictures.push(order);
        return Promise.resolve(new Blob(['x'.repeat(order)]));
      },
      onChange: () => undefined, onFailure: () => undefined,
    });
  });

  afterEach(() => {
    states.dispose();
    Object.assign(globalThis, { createImageBitmap: decode });
  });

  it('are pictures while somebody walks, and numbers once the cursor rests', async () => {
    for (const order of [1, 2, 3]) {
      states.want([need(order)], [wish(order + 1)], 512);
      await sleep(20);
      assert.equal(states.picture(wish(order)) !== undefined, true, `state ${order} is seen`);
    }
    assert.deepEqual([pictures, tensors], [[1, 2, 3, 4], []], 'no numbers on the way');
    await sleep(300);
    assert.deepEqual(tensors, [3, 4]);
    assert.equal(states.tensor(wish(3)) !== undefined, true);
  });

  it('are numbers at once where a picture cannot stand for them', async () => {
    states.want([need(1), need(2, false)], [], 512);
    await sleep(20);
    assert.deepEqual([pictures, tensors], [[1], [2]]);
  });

  it('of small faces are numbers only', async () => {
    states.want([need(1)], [wish(2), wish(3)], 128);
    await sleep(20);
    assert.deepEqual([pictures, tensors], [[], [1, 2, 3]]);
    assert.equal(states.has(wish(3)), true);
  });
});
