import { strict as assert } from 'node:assert';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, it } from 'mocha';
import { createNetwork, parseNetwork } from '../../kernel/models/network.ts';
import { ParseNet } from '../../kernel/models/parsenet.ts';
import { bindable, convolveMirrored } from '../../kernel/models/stripes.ts';
import { Graph } from '../../kernel/nn/graph.ts';
import type { TensorType, Value } from '../../kernel/nn/value.ts';

const bytesOf = ({ dtype, shape }: TensorType): number => shape.reduce((size, extent) => size * extent, dtype === 'float16' ? 2 : dtype === 'float32' ? 4 : 8);

/** Remembers what nodes compute. */
class WatchedGraph extends Graph {
  readonly computed: { readonly opType: string; readonly bytes: number }[] = [];

  override emit(opType: string, inputs: readonly (Value | undefined)[], outputs: readonly TensorType[], attributes = {}): readonly Value[] {
    for (const output of outputs) this.computed.push({ opType, bytes: bytesOf(output) });
    return super.emit(opType, inputs, outputs, attributes);
  }
}

describe('convolutions in stripes', () => {
  const [channels, outChannels] = [3, 4];
  const values = (count: number, seed: number): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(seed + 0.7 * i + 1e-4 * i * i));

  for (const factor of [1, 2] as const) for (const stride of [1, 2] as const) for (const [height, width] of [[8, 6], [9, 5], [23, 4]] as const) {
    it(`have the numbers of one: enlarged ${factor} times, stride ${stride}, ${height} rows`, async () => {
      const run = async (limit: number): Promise<{ readonly stripes: number; readonly largest: number; readonly data: Float32Array }> => {
        const graph = new WatchedGraph('stripes');
        const x = graph.input('x', { dtype: 'float32', shape: [1, channels, height, width] });
        const weight = graph.constant({ dtype: 'float32', shape: [outChannels, channels, 3, 3] }, values(outChannels * channels * 9, 1));
        const bias = graph.constant({ dtype: 'float32', shape: [outChannels] }, values(outChannels, 2));
        graph.output('out', convolveMirrored(x, { factor, stride, weight, bias, limit }, (convolved) => convolved.leakyRelu(0.2)));
        const session = await InferenceSession.create(graph.encode(() => { throw new Error('no weights'); }), { graphOptimizationLevel: 'all' });
        const { out } = await session.run({ x: new Tensor('float32', values(channels * height * width, 3), [1, channels, height, width]) });
        await session.release();
        const pads = graph.computed.filter(({ opType }) => opType === 'Pad');
        return { stripes: pads.length, largest: Math.max(...pads.map(({ bytes }) => bytes)), data: out!.data as Float32Array };
      };
      const whole = await run(Infinity);
      assert.equal(whole.stripes, 1);
      const row = whole.largest / (height * factor + 2);
      for (const rows of [5, 7, height * factor + 1]) {
        const striped = await run(rows * row);
        assert.ok(striped.stripes > 1 && striped.largest <= rows * row, `${striped.stripes} stripes`);
        assert.deepEqual(striped.data, whole.data);
      }
    });
  }

  it('keep all that the official parser computes within what every WebGPU device can bind', () => {
    const graph = new WatchedGraph('parsenet');
    const network = createNetwork(parseNetwork('parsenet', { in_size: 512, out_size: 512, min_feat_size: 32, base_ch: 64, parsing_ch: 19, res_depth: 10, ch_range: [64, 256] }));
    assert.ok(network instanceof ParseNet);
    network.forward(graph.input('x', { dtype: 'float32', shape: [1, 3, 512, 512] }));
    const largest = Math.max(...graph.computed.map(({ bytes }) => bytes));
    assert.ok(largest <= bindable, `${largest} bytes`);
    assert.equal(largest, 128 * 512 * 512 * 4, 'the largest is the feature map of 128 channels at full size');
  });
});
