import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { prepareModel } from '../../kernel/inference/modelStore.ts';
import { openSession } from '../../kernel/inference/session.ts';
import { relativeDifference } from '../../kernel/inference/trial.ts';
import { createNetwork, parseNetwork, type NetworkSpec } from '../../kernel/models/network.ts';
import { Graph } from '../../kernel/nn/graph.ts';
import type { Attributes, TensorType, Value } from '../../kernel/nn/value.ts';
import type { SwinIR } from '../../kernel/models/swinir.ts';
import type { Unet } from '../../kernel/models/unet.ts';
import { pictureOf, sampleNetwork } from './sampleNetwork.ts';

/** A graph that remembers in which numbers each operator works. */
class Recorder extends Graph {
  readonly seen = new Map<string, Set<string>>();

  override emit(opType: string, inputs: readonly (Value | undefined)[], outputs: readonly TensorType[], attributes?: Attributes): readonly Value[] {
    const types = this.seen.get(opType) ?? new Set();
    types.add(inputs[0]!.dtype);
    this.seen.set(opType, types);
    return super.emit(opType, inputs, outputs, attributes);
  }
}

function recorded(spec: NetworkSpec): { readonly graph: Recorder; readonly out: Value } {
  const network = createNetwork(spec);
  const graph = new Recorder('recorded', { hardware: 'gpu' });
  const x = graph.input('x', { dtype: 'float32', shape: [2, 3, 128, 128] });
  if (spec.architecture === 'swinir') return { graph, out: (network as SwinIR).forward(x, 'float16') };
  return { graph, out: (network as Unet).forward(x, graph.input('t', { dtype: 'float32', shape: [2] }), 'float16') };
}

describe('graphs in float16', () => {
  let cacheFolder: string;
  before(async () => { cacheFolder = await mkdtemp(join(tmpdir(), 'difface-precision-')); });
  after(async () => { await rm(cacheFolder, { recursive: true }); });

  for (const name of ['denoiser', 'backbone'] as const) {
    it(`convolve in float16, normalise and weigh in float32, and take and give float32: ${name}`, async () => {
      const { architecture, params } = await sampleNetwork(name);
      const { graph, out } = recorded(parseNetwork(architecture, params));
      assert.equal(out.dtype, 'float32');
      assert.ok(graph.seen.get('Conv')!.has('float16'));
      assert.deepEqual([...graph.seen.get('MatMul')!], ['float16']);
      for (const exact of ['Softmax', 'LayerNormalization', 'InstanceNormalization', 'Cos', 'Sin', 'Round']) assert.ok([...(graph.seen.get(exact) ?? [])].every((type) => type === 'float32'), exact);
      assert.ok(graph.seen.has('Softmax') && (graph.seen.has('LayerNormalization') || graph.seen.has('InstanceNormalization')));
      assert.ok(graph.weights.filter(({ dtype }) => dtype === 'float16').length > graph.weights.length / 2);
    });

    it(`agree with float32 to the error of float16, with half the weights, in a cache entry of their own: ${name}`, async () => {
      const { checkpoint, architecture, params } = await sampleNetwork(name);
      const request = { checkpoint, network: parseNetwork(architecture, params), batch: 1, height: 128, width: 128, cacheFolder } as const;
      const [single, half] = [await prepareModel({ ...request, precision: 'fp32' }), await prepareModel({ ...request, precision: 'fp16', hardware: 'gpu' })];
      assert.notEqual(single, half);
      const [fullSize, halfSize] = await Promise.all([single, half].map(async (path) => (await stat(join(dirname(path), 'weights.bin'))).size));
      assert.ok(halfSize! < 0.75 * fullSize!, `${halfSize} of ${fullSize}`);
      const feeds = pictureOf(name, 1, 128);
      const outputs = [];
      for (const path of [single, half]) {
        const session = await openSession(path, { provider: 'cpu', threads: 1 });
        outputs.push((await session.run(feeds))['out']!);
        await session.release();
      }
      const difference = relativeDifference(outputs[1]!, outputs[0]!);
      assert.ok(difference > 0 && difference < 2e-2, `${difference}`);
    });
  }
});
