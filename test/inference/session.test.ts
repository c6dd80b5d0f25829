import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { openSession } from '../../kernel/inference/session.ts';
import { encodeOnnx, type OnnxDType } from '../../kernel/nn/onnxWriter.ts';
import { tensor } from '../../kernel/tensor/tensor.ts';

const addition = (dtype: OnnxDType): Uint8Array => encodeOnnx({
  name: 'addition',
  inputs: [{ name: 'a', dtype, shape: [2] }, { name: 'b', dtype, shape: [2] }],
  outputs: [{ name: 'sum', dtype, shape: [2] }],
  nodes: [{ opType: 'Add', inputs: ['a', 'b'], outputs: ['sum'], attributes: {} }],
  initializers: [],
  opset: 17,
});

describe('openSession', () => {
  let folder: string;
  before(async () => { folder = await mkdtemp(join(tmpdir(), 'difface-session-')); });
  after(async () => { await rm(folder, { recursive: true }); });

  for (const dtype of ['float32', 'float16', 'int64'] as const) {
    it(`runs a ${dtype} graph on float32 tensors`, async () => {
      const path = join(folder, `${dtype}.onnx`);
      await writeFile(path, addition(dtype));
      const session = await openSession(path, { provider: 'cpu', threads: 1 });
      assert.deepEqual(session.inputNames, ['a', 'b']);
      assert.deepEqual(session.outputNames, ['sum']);
      const feeds = { a: tensor(new Float32Array([1, -3]), [2]), b: tensor(new Float32Array([4, 5]), [2]) };
      const [first, second] = await Promise.all([session.run(feeds), session.run(feeds)]);
      assert.deepEqual(first, { sum: tensor(new Float32Array([5, 2]), [2]) });
      assert.deepEqual(second, first);
      await session.release();
    });
  }

  it('fails with the name of the file when it is no model', async () => {
    const path = join(folder, 'not-a-model.onnx');
    await writeFile(path, 'text');
    await assert.rejects(openSession(path, { provider: 'cpu' }), { name: 'KernelFailure', kind: 'device', message: /not-a-model\.onnx on cpu/ });
  });

  it('fails, and goes on, when a run gets a tensor of the wrong shape', async () => {
    const path = join(folder, 'addition.onnx');
    await writeFile(path, addition('float32'));
    const session = await openSession(path, { provider: 'cpu', threads: 1 });
    const two = tensor(new Float32Array(2), [2]);
    await assert.rejects(session.run({ a: tensor(new Float32Array(3), [3]), b: two }), { name: 'KernelFailure', kind: 'device' });
    assert.deepEqual(await session.run({ a: two, b: two }), { sum: two });
    await session.release();
  });
});
