import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeOnnx, type OnnxModel } from '../../kernel/nn/onnxWriter.ts';
import { protobuf } from '../../kernel/nn/protobuf.ts';

const bytesOf = (values: readonly number[]): Uint8Array => new Uint8Array(new Float32Array(values).buffer);

describe('encodeOnnx', () => {
  it('writes a graph that ONNX Runtime loads and computes', async () => {
    const model: OnnxModel = {
      name: 'affine',
      inputs: [{ name: 'x', dtype: 'float32', shape: [2, 3] }],
      outputs: [{ name: 'y', dtype: 'float32', shape: [3, 2] }],
      nodes: [
        { opType: 'LeakyRelu', inputs: ['x'], outputs: ['a'], attributes: { alpha: { float: 0.5 } }, name: 'leaky' },
        { opType: 'Mul', inputs: ['a', 'w'], outputs: ['b'], attributes: {} },
        { opType: 'Transpose', inputs: ['b'], outputs: ['c'], attributes: { perm: { ints: [1, 0] } } },
        { opType: 'Softmax', inputs: ['c'], outputs: ['d'], attributes: { axis: { int: -1 } } },
        { opType: 'QuickGelu', inputs: ['d'], outputs: ['y'], attributes: { alpha: { float: 1 } }, domain: 'com.microsoft' },
      ],
      initializers: [{ name: 'w', dtype: 'float32', shape: [3], data: bytesOf([1, 2, 3]) }],
      opset: 17,
    };
    const session = await InferenceSession.create(encodeOnnx(model));
    const { y } = await session.run({ x: new Tensor('float32', [1, -2, 3, 4, 5, -6], [2, 3]) });
    const leaky = [1, -1, 3, 4, 5, -3].map((value, i) => value * ((i % 3) + 1));
    const expected = [0, 1, 2].flatMap((column) => {
      const [first, second] = [Math.exp(leaky[column]!), Math.exp(leaky[3 + column]!)];
      return [first / (first + second), second / (first + second)].map((p) => p / (1 + Math.exp(-p)));
    });
    assert.deepEqual(y!.dims, [3, 2]);
    expected.forEach((value, i) => { assert.ok(Math.abs(value - Number(y!.data[i])) < 1e-6); });
  });

  it('refuses an initializer whose bytes do not fit its shape', () => {
    const model = { name: 'g', inputs: [], outputs: [], nodes: [], opset: 17 };
    assert.throws(() => encodeOnnx({ ...model, initializers: [{ name: 'w', dtype: 'int64', shape: [2], data: new Uint8Array(8) }] }), /w of shape \(2\) needs 16 bytes, not 8/);
    assert.throws(() => encodeOnnx({ ...model, initializers: [{ name: 'w', dtype: 'float16', shape: [2], external: { location: 'f', offset: 0, length: 8 } }] }), RangeError);
  });
});

describe('protobuf', () => {
  it('writes integers as 64-bit varints', () => {
    fc.assert(fc.property(fc.maxSafeInteger(), (value) => {
      const bytes = protobuf((out) => { out.integer(1, value); });
      assert.equal(bytes[0], 8);
      const read = bytes.subarray(1).reduceRight((rest, byte) => (rest << 7n) | BigInt(byte & 0x7f), 0n);
      assert.equal(Number(BigInt.asIntN(64, read)), value);
    }));
  });

  it('nests messages and keeps byte fields of any length', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (data, name) => {
      const inner = protobuf((out) => { out.text(2, name); out.bytes(3, data); });
      const nested = protobuf((out) => { out.integer(7, 1); out.message(4, (message) => { message.text(2, name); message.bytes(3, data); }); });
      const expected = protobuf((out) => { out.integer(7, 1); out.bytes(4, inner); });
      assert.deepEqual(nested, expected);
      assert.deepEqual(inner.subarray(inner.length - data.length), data);
    }));
  });
});
