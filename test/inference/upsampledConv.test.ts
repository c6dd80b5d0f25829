import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { openSession } from '../../kernel/inference/session.ts';
import { nearestUpsample } from '../../kernel/nn/functional.ts';
import { Graph } from '../../kernel/nn/graph.ts';
import { Conv2d } from '../../kernel/nn/layers.ts';
import { upsampledConv } from '../../kernel/nn/upsampledConv.ts';
import { tensor } from '../../kernel/tensor/tensor.ts';
import { largestDifference } from '../parity/fixture.ts';

const [batch, channels, outChannels, height, width] = [2, 3, 20, 7, 10];
const wave = (length: number, pace: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i * pace + 1));

describe('a convolution of a picture twice as large', () => {
  it('is what repeating the pixels and convolving gives, at the borders too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'difface-upsampled-'));
    try {
      const graph = new Graph('upsampled');
      const layer = new Conv2d(channels, outChannels, 3, { padding: 1 });
      layer.bind();
      const x = graph.input('x', { dtype: 'float32', shape: [batch, channels, height, width] });
      graph.output('plain', layer.forward(nearestUpsample(x, 2)));
      graph.output('phases', upsampledConv(x, layer));
      const checkpoint = new Map([['weight', wave(outChannels * channels * 9, 0.7)], ['bias', wave(outChannels, 0.3)]]);
      const parts: Buffer[] = [];
      const places = new Map<string, { readonly location: string; readonly offset: number; readonly length: number }>();
      for (const weight of graph.weights) {
        const bytes = Buffer.from(weight.compute(weight.sources.map((key) => checkpoint.get(key)!)).slice().buffer);
        places.set(weight.name, { location: 'weights.bin', offset: parts.reduce((sum, { length }) => sum + length, 0), length: bytes.length });
        parts.push(bytes);
      }
      await writeFile(join(folder, 'weights.bin'), Buffer.concat(parts));
      await writeFile(join(folder, 'model.onnx'), graph.encode(({ name }) => places.get(name)!));
      const session = await openSession(join(folder, 'model.onnx'), { provider: 'cpu', threads: 2 });
      const out = await session.run({ x: tensor(wave(batch * channels * height * width, 0.37), [batch, channels, height, width]) });
      await session.release();
      assert.deepEqual(out['phases']!.shape, [batch, outChannels, 2 * height, 2 * width]);
      assert.ok(largestDifference(out['phases']!.data, out['plain']!.data) < 3e-6);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('refuses convolutions of another form', () => {
    const x = new Graph('x').input('x', { dtype: 'float32', shape: [1, 4, 8, 8] });
    for (const layer of [new Conv2d(4, 4, 1), new Conv2d(4, 4, 3), new Conv2d(4, 4, 3, { padding: 1, stride: 2 }), new Conv2d(4, 4, 3, { padding: 1, groups: 2 })]) {
      layer.bind();
      assert.throws(() => upsampledConv(x, layer), RangeError);
    }
  });
});
