import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { describeKernel, type KernelState } from '../../extension/kernelState.ts';
import { optionWords } from '../../kernel/recipe/optionWords.ts';

describe('the status bar item', () => {
  it('says what the kernel does, and only a failure is marked as one', () => {
    const states: readonly KernelState[] = [
      { kind: 'stopped' }, { kind: 'starting' }, { kind: 'ready', info: { version: '1.2.3', model: 'sample', models: [], detectors: [], options: optionWords }, device: { name: 'cuda:1', precision: 'float16', batch: 4, reason: 'the fastest' } },
      { kind: 'failed', message: 'no onnxruntime.' },
    ];
    const described = states.map((state) => describeKernel(state));
    assert.deepEqual(described.map(({ failed }) => failed), [false, false, false, true]);
    assert.equal(new Set(described.map(({ text }) => text)).size, states.length);
    assert.match(described[2]!.tooltip, /1\.2\.3.*sample.*cuda:1 in float16, up to 4 faces at once \(the fastest\)/);
    assert.equal(described[3]!.tooltip, 'no onnxruntime. Click to try again.');
  });

  it('says how far the work is and how much waits', () => {
    const { text, tooltip, failed } = describeKernel({ kind: 'starting' }, { title: 'a.png', done: 0.429, waiting: 2 });
    assert.equal(failed, false);
    assert.match(text, /42 %/);
    assert.match(tooltip, /a\.png and 2 more waiting/);
  });
});
