import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { relativeDifference, tolerances, tryDevice } from '../../kernel/inference/trial.ts';
import { tensor } from '../../kernel/tensor/tensor.ts';

describe('the trial of a device', () => {
  it('passes on the CPU, in float16 with the error of float16', async () => {
    const { float32, float16 } = await tryDevice({ provider: 'cpu', index: 0 });
    assert.ok(float32.passed && float16.passed, JSON.stringify({ float32, float16 }));
    assert.equal(float32.difference, 0);
    assert.ok(float16.difference > 1e-5 && float16.difference < tolerances.float16, `${float16.difference}`);
  });

  it('fails with a reason on a provider that this build has not, and ends when a device does not answer', async () => {
    const absent = process.platform === 'darwin' ? 'dml' : 'coreml';
    const { float32 } = await tryDevice({ provider: absent, index: 0 });
    assert.ok(!float32.passed && float32.reason.length > 10, JSON.stringify(float32));
    const late = await tryDevice({ provider: 'cpu', index: 0 }, 1);
    assert.ok(!late.float32.passed);
    assert.match(late.float32.reason, /did not answer/);
  });

  it('measures against the largest number, and takes none for no agreement', () => {
    const expected = tensor(Float32Array.of(0, 4), [2]);
    assert.equal(relativeDifference(tensor(Float32Array.of(1, 4), [2]), expected), 0.25);
    assert.equal(relativeDifference(tensor(Float32Array.of(NaN, 4), [2]), expected), Infinity);
    assert.equal(relativeDifference(tensor(Float32Array.of(0), [1]), expected), Infinity);
  });
});
