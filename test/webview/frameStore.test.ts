import { strict as assert } from 'node:assert';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Ask } from '../../webview/host.ts';
import { FrameIndex } from '../../webview/player/frameIndex.ts';
import { FrameStore } from '../../webview/player/frameStore.ts';

describe('frames that cannot be fetched', () => {
  const index = new FrameIndex(Array.from({ length: 100 }, (_, i) => i), 25, true);
  const { createImageBitmap } = globalThis as { createImageBitmap?: unknown };
  const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

  beforeEach(() => { Object.assign(globalThis, { createImageBitmap: () => Promise.resolve({ width: 1, close: () => undefined }) }); });
  afterEach(() => { Object.assign(globalThis, { createImageBitmap }); });

  it('are not asked for for ever, but again when the playhead moves; what was said of them passes when one comes', async () => {
    let [asked, broken] = [0, true];
    const ask = ((question: { readonly from: number; readonly count: number }) => {
      asked++;
      if (broken) return Promise.reject(new Error('It cannot be read.'));
      return Promise.resolve({ result: { places: Array.from({ length: question.count }, (_, i) => ({ ticks: question.from + i, original: [0, 1], restored: null })), interrupted: false }, bytes: new ArrayBuffer(1) });
    }) as unknown as Ask;
    const said: (string | undefined)[] = [];
    const store = new FrameStore(ask, index, { width: 2, height: 2 }, () => undefined, (message) => { said.push(message); });
    store.look(40);
    await rest();
    assert.deepEqual([asked, said], [3, ['It cannot be read.']]);
    store.look(40);
    await rest();
    assert.equal(asked, 3, 'where it stands nothing has changed');
    store.look(41);
    await rest();
    assert.equal(asked, 4);
    broken = false;
    store.look(42);
    await rest();
    assert.equal(said.at(-1), undefined);
    assert.equal(said.length, 3);
    assert.ok(store.has(42) && asked > 5, 'and it goes on');
    store.clear();
  });
});
