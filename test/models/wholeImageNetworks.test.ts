import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { KernelFailure } from '../../kernel/failure.ts';
import { checkFit } from '../../kernel/models/fit.ts';
import { createNetwork, networkGraph, parseNetwork } from '../../kernel/models/network.ts';
import { recognise } from '../../kernel/models/recognise.ts';
import { officialTensors } from './officialKeys.ts';

async function officialEntries(network: 'parsenet' | 'rrdbnet_x2') {
  return new Map((await officialTensors(network)).map(({ key, shape }) => [key, { shape }]));
}

describe('the networks around the faces', () => {
  for (const [file, architecture, expected] of [
    ['parsenet', 'parsenet', { in_size: 512, out_size: 512, min_feat_size: 32, base_ch: 64, parsing_ch: 19, res_depth: 10, ch_range: [64, 256] }],
    ['rrdbnet_x2', 'rrdbnet', { num_in_ch: 3, num_out_ch: 3, scale: 2, num_feat: 64, num_block: 23, num_grow_ch: 32 }],
  ] as const) {
    it(`${file}: the official keys and shapes tell the parameters, and the network with these has exactly these keys`, async () => {
      const entries = await officialEntries(file);
      const recognised = recognise(entries);
      assert.equal(recognised.architecture, architecture);
      assert.deepEqual('params' in recognised && recognised.params, expected);
      const network = createNetwork(parseNetwork(architecture, expected));
      checkFit('official.pth', network, file, entries);
      const stored = (await officialTensors(file)).filter(({ key }) => !key.endsWith('num_batches_tracked')).map(({ key }) => key);
      assert.deepEqual([...network.parameters()].map(({ key }) => key).sort(), stored.sort());
    });
  }

  it('a file that lacks a tensor, or has one of another shape, is refused by name', async () => {
    const entries = await officialEntries('parsenet');
    const network = createNetwork(parseNetwork('parsenet', { in_size: 512, out_size: 512, min_feat_size: 32 }));
    entries.delete('body.3.conv1.norm.norm.running_var');
    entries.set('decoder.0.conv2.conv2d.weight', { shape: [256, 256, 1, 1] });
    assert.throws(() => { checkFit('parse.pth', network, 'face parser', entries); }, (error) => error instanceof KernelFailure && /body\.3\.conv1\.norm\.norm\.running_var/.test(error.message) && /decoder\.0\.conv2\.conv2d\.weight is \(256, 256, 1, 1\)/.test(error.message));
  });

  it('parameters that contradict each other are refused', () => {
    assert.throws(() => parseNetwork('parsenet', { in_size: 100 }), /in_size: a power of two/);
    assert.throws(() => parseNetwork('rrdbnet', { scale: 3 }), KernelFailure);
    assert.throws(() => createNetwork(parseNetwork('parsenet', { base_ch: 8, ch_range: [16, 32] })), /base_ch 8 lies outside ch_range/);
  });

  it('the upsampler gathers pixels as its scale says, and its output is as much larger', () => {
    for (const scale of [1, 2, 4] as const) {
      const network = createNetwork(parseNetwork('rrdbnet', { num_feat: 8, num_block: 1, num_grow_ch: 4, scale }));
      const graph = networkGraph(network, { batch: 1, height: 8, width: 12, precision: 'fp32' });
      assert.ok(graph.weights.length > 0);
      assert.equal([...network.parameters()].find(({ key }) => key === 'conv_first.weight')!.shape[1], 3 * (4 / scale) ** 2);
    }
  });
});
