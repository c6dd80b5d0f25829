import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { KernelFailure } from '../../kernel/failure.ts';
import { batchThatFits } from '../../kernel/inference/batchSize.ts';
import { CropBatcher, type CropJob, type RestoreBatch } from '../../kernel/inference/cropBatcher.ts';
import { isOutOfMemory, OutOfMemory } from '../../kernel/inference/outOfMemory.ts';
import type { RestoreJob } from '../../kernel/inference/protocol.ts';
import { sizeOf } from '../../kernel/tensor/tensor.ts';

const shape = [1, 3, 2, 2];
const job = (value: number, known?: CropJob['known']): CropJob => ({
  crops: { data: new Float32Array(12).fill(value), shape }, method: { kind: 'backbone' }, noise: { seed: 1, track: value }, kept: 'none', ...(known ? { known } : {}),
});
const recipe = { kind: 'ddim', respacing: 'ddim250', start: 4, steps: 4, eta: 1 } as const;

/** Doubles the crops, and remembers the sizes of the batches. */
function doubling(fails: (job: RestoreJob) => Error | undefined = () => undefined): { readonly sizes: number[]; readonly restore: RestoreBatch } {
  const sizes: number[] = [];
  return {
    sizes,
    restore: async (batch, { onStep, onState }) => {
      sizes.push(batch.crops.shape[0]!);
      assert.equal(batch.crops.data.length, sizeOf(batch.crops.shape));
      await Promise.resolve();
      onStep?.(0, 1);
      const error = fails(batch);
      if (error) throw error;
      const restored = { ...batch.crops, data: batch.crops.data.map((value) => 2 * value) };
      onState?.({ order: 0, t: 1, alphaBar: 1, xT: batch.crops, predX0: restored, eps: batch.crops });
      return { restored, estimate: batch.crops, x0: restored };
    },
  };
}

const restoreAll = (batcher: CropBatcher, values: readonly number[]): Promise<readonly number[]> =>
  Promise.all(values.map(async (value) => {
    const { restored } = await batcher.add(job(value), {});
    assert.deepEqual(restored.shape, shape);
    return restored.data[0]!;
  }));

describe('batches of crops', () => {
  it('hold what is asked for at the same time, up to the limit; each gets its own back', async () => {
    const { sizes, restore } = doubling();
    assert.deepEqual(await restoreAll(new CropBatcher(3, restore), [1, 2, 3, 4, 5, 6, 7, 8]), [2, 4, 6, 8, 10, 12, 14, 16]);
    assert.deepEqual(sizes, [3, 3, 2]);
    const one = doubling();
    assert.deepEqual(await restoreAll(new CropBatcher(1, one.restore), [1, 2]), [2, 4]);
    assert.deepEqual(one.sizes, [1, 1]);
  });

  it('hold only what can be computed together', async () => {
    const { sizes, restore } = doubling();
    const batcher = new CropBatcher(8, restore);
    const states: number[] = [];
    await Promise.all([
      batcher.add(job(1), {}), batcher.add({ ...job(2), method: { kind: 'diffusion', recipe, turns: [] } }, {}), batcher.add(job(3), { onState: ({ xT }) => states.push(xT.data[0]!, xT.data.length) }),
      batcher.add(job(4, { estimate: job(4).crops }), {}),
    ]);
    assert.deepEqual(sizes.sort(), [1, 1, 2]);
    assert.deepEqual(states, [3, 12]);
  });

  it('are halved when a device runs out of memory, and stay so', async () => {
    const { sizes, restore } = doubling(({ crops }) => (crops.shape[0]! > 2 ? new OutOfMemory('CUDA failure 2: out of memory') : undefined));
    const halved: number[] = [];
    const batcher = new CropBatcher(8, restore, (limit) => void halved.push(limit));
    const values = Array.from({ length: 9 }, (_, i) => i + 1);
    assert.deepEqual(await restoreAll(batcher, values), values.map((value) => 2 * value));
    assert.deepEqual(sizes, [8, 4, 2, 2, 2, 2, 1]);
    assert.deepEqual(halved, [4, 2]);
    assert.equal(batcher.size, 2);
    await restoreAll(batcher, [1, 2, 3]);
    assert.deepEqual(sizes.slice(7), [2, 1]);
  });

  it('fail when even one crop is too much, and when something else is the cause', async () => {
    const starved = new CropBatcher(4, doubling(() => new OutOfMemory('out of memory')).restore);
    for (const outcome of await Promise.allSettled([1, 2, 3].map((value) => starved.add(job(value), {})))) assert.ok(outcome.status === 'rejected' && outcome.reason instanceof OutOfMemory);
    const { sizes, restore } = doubling(() => new KernelFailure('device', 'the device was lost'));
    await assert.rejects(restoreAll(new CropBatcher(4, restore), [1, 2, 3, 4]), /was lost/);
    assert.deepEqual(sizes, [4]);
  });

  it('go on for the others when one is cancelled', async () => {
    const controller = new AbortController();
    const { restore } = doubling(() => {
      controller.abort(new KernelFailure('cancelled', 'enough'));
      return undefined;
    });
    const batcher = new CropBatcher(2, restore);
    const [one, other] = await Promise.allSettled([batcher.add(job(1), { signal: controller.signal }), batcher.add(job(2), {})]);
    assert.ok(one.status === 'rejected' && (one.reason as KernelFailure).kind === 'cancelled');
    assert.ok(other.status === 'fulfilled' && other.value.restored.data[0] === 4);
  });
});

describe('memory', () => {
  it('decides how many crops fit', () => {
    assert.deepEqual([undefined, 1e9, 8e9, 16e9, 139e9].map((bytes) => batchThatFits(bytes, 'float16', 512)), [1, 1, 2, 5, 8]);
    assert.ok(batchThatFits(12e9, 'float32', 512) < batchThatFits(12e9, 'float16', 512));
    assert.equal(batchThatFits(4e9, 'float16', 128), 8);
  });

  it('that was too little is told from other failures by what runtimes and drivers say', () => {
    for (const said of [
      'Non-zero status code returned while running Conv node. Name:\'x\' Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 Failed to allocate memory for requested buffer of size 1207959552',
      'CUDA failure 2: out of memory ; GPU=0 ; hostname=h ; file=cuda_allocator.cc', 'std::bad_alloc', 'raw_hash_map<>::at', 'Not enough memory resources are available to complete this operation.', '8007000E', 'Array buffer allocation failed',
    ]) assert.ok(isOutOfMemory(new Error(said)), said);
    for (const said of ['CUDA failure 700: an illegal memory access was encountered', 'Device lost', 'Failed to load shared library']) assert.ok(!isOutOfMemory(new Error(said)), said);
  });
});
