import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { differingShare, relativeDifference, tolerances, tryDevice } from '../../kernel/inference/trial.ts';
import { openSession } from '../../kernel/inference/session.ts';
import { trialFeeds, trialNetworks, trialPrecision, writeTrialGraph } from '../../kernel/inference/trialGraphs.ts';
import { tensor, type Tensor } from '../../kernel/tensor/tensor.ts';
import { inFolder } from '../cli/command.ts';

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

  it('runs each kind of network, with numbers that tell right from wrong', () => inFolder(async (folder) => {
    assert.deepEqual([...trialNetworks].sort(), ['backbone', 'denoiser', 'parser', 'upsampler']);
    for (const network of trialNetworks) {
      const outputs: Tensor[] = [];
      for (const [precision, hardware] of [['fp32', 'cpu'], ['fp32', 'gpu'], ['fp16', 'gpu']] as const) {
        const session = await openSession(await writeTrialGraph(folder, network, trialPrecision(network, precision), hardware), { provider: 'cpu' });
        outputs.push((await session.run(trialFeeds(network)))['out']!);
        await session.release();
      }
      const [whole, forCard, half] = outputs as [Tensor, Tensor, Tensor];
      assert.ok(relativeDifference(forCard, whole) < 1e-5, `${network}: the graph for graphics cards computes the same`);
      assert.ok(whole.data.every(Number.isFinite), network);
      assert.equal(network === 'parser' || network === 'upsampler', relativeDifference(half, forCard) === 0, `${network}: the networks around the faces keep to float32`);
      const counts = [...whole.data.reduce((all, value) => all.set(value, (all.get(value) ?? 0) + 1), new Map<number, number>()).values()];
      assert.ok(counts.length >= 3 && Math.max(...counts) < 0.9 * whole.data.length, `${network} gives nearly one value: ${counts.join()}`);
    }
  }));

  it('measures against the largest number, and takes none for no agreement', () => {
    const expected = tensor(Float32Array.of(0, 4), [2]);
    assert.equal(relativeDifference(tensor(Float32Array.of(1, 4), [2]), expected), 0.25);
    assert.equal(relativeDifference(tensor(Float32Array.of(NaN, 4), [2]), expected), Infinity);
    assert.equal(relativeDifference(tensor(Float32Array.of(0), [1]), expected), Infinity);
    assert.deepEqual([[0, 4], [3, 4], [4, 0], [NaN, 4]].map((classes) => differingShare(tensor(Float32Array.from(classes), [2]), expected)), [0, 0.5, 1, Infinity]);
  });
});
