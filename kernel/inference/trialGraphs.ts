import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createNetwork, networkGraph, parseNetwork, type NetworkSpec } from '../models/network.ts';
import { weightBytes, type Graph } from '../nn/graph.ts';
import type { Hardware } from '../nn/value.ts';
import type { Weight } from '../nn/weight.ts';
import { toFloat16 } from '../tensor/float16.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';

/** Side of the pictures that the trial's networks take. */
const side = 16;

/** Every kind of network that runs on devices as small as it comes, with every operator that the real ones have. */
const networks: Readonly<Record<'denoiser' | 'backbone' | 'parser' | 'upsampler', NetworkSpec>> = {
  denoiser: parseNetwork('unet', {
    image_size: side, model_channels: 32, out_channels: 6, num_res_blocks: 1, attention_resolutions: [side / 2], channel_mult: [1, 2], num_head_channels: 32, use_scale_shift_norm: true,
  }),
  backbone: parseNetwork('swinir', {
    img_size: 8, embed_dim: 12, depths: [2], num_heads: [2], window_size: 4, mlp_ratio: 2, sf: 2, upsampler: 'nearest+conv', unshuffle: true, unshuffle_scale: 2,
  }),
  parser: parseNetwork('parsenet', { in_size: side, out_size: side, min_feat_size: side / 2, base_ch: 8, parsing_ch: 5, res_depth: 1, ch_range: [8, 16] }),
  upsampler: parseNetwork('rrdbnet', { scale: 2, num_feat: 8, num_block: 1, num_grow_ch: 4 }),
};

export const trialNetworks = Object.keys(networks) as readonly (keyof typeof networks)[];
export type TrialNetwork = (typeof trialNetworks)[number];

/** What the networks are run on: a picture in the range they take, and a timestep at which the embedding's angles are large. */
export function trialFeeds(network: TrialNetwork): Readonly<Record<string, Tensor>> {
  const x = { data: pseudoRandom(3 * side * side, 7), shape: [1, 3, side, side] };
  switch (network) {
    case 'denoiser': return { x, t: { data: Float32Array.of(987), shape: [1] } };
    case 'parser': return { x };
    case 'backbone':
    case 'upsampler': return { x: { ...x, data: x.data.map((value) => (value + 1) / 2) } };
    default: return network satisfies never;
  }
}

/** In which numbers a network's graph is where the device computes in these: those around the faces keep to float32. */
export function trialPrecision(network: TrialNetwork, precision: 'fp32' | 'fp16'): 'fp32' | 'fp16' {
  return network === 'parser' || network === 'upsampler' ? 'fp32' : precision;
}

/** Writes a network of the trial, with weights that are always the same, into a folder. @returns path of the model */
export async function writeTrialGraph(folder: string, network: TrialNetwork, precision: 'fp32' | 'fp16', hardware: Hardware): Promise<string> {
  const spec = networks[network];
  const instance = createNetwork(spec).bind();
  const shapes = new Map([...instance.parameters()].map(({ key, shape }) => [key, shape]));
  const graph = networkGraph(instance, { batch: 1, height: side, width: side, precision, hardware });
  const own = join(folder, `${network}-${precision}-${hardware}`);
  await mkdir(own, { recursive: true });
  const places = await writeWeights(join(own, 'weights.bin'), graph, (key) => parameter(key, shapes.get(key)!));
  const model = join(own, 'model.onnx');
  await writeFile(model, graph.encode((weight) => ({ location: 'weights.bin', ...places.get(weight)! })));
  return model;
}

async function writeWeights(path: string, graph: Graph, source: (key: string) => Float32Array): Promise<ReadonlyMap<Weight, { readonly offset: number; readonly length: number }>> {
  const places = new Map<Weight, { offset: number; length: number }>();
  const file = await open(path, 'w');
  let offset = 0;
  try {
    for (const weight of graph.weights) {
      const values = weight.compute(weight.sources.map(source));
      const data = weight.dtype === 'float16' ? toFloat16(values) : values;
      const length = weightBytes(weight);
      await file.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 0, length, offset);
      places.set(weight, { offset, length });
      offset += length;
    }
  } finally {
    await file.close();
  }
  return places;
}

/** Gains and variances near 1, all else small enough that activations stay moderate. */
function parameter(key: string, shape: readonly number[]): Float32Array {
  const values = pseudoRandom(sizeOf(shape), Buffer.from(key).reduce((sum, byte) => (31 * sum + byte) >>> 0, 1));
  const gain = shape.length === 1 && /\.(weight|running_var)$/.test(key);
  const spread = shape.length > 1 ? Math.sqrt(3 / (sizeOf(shape) / shape[0]!)) : 0.1;
  return values.map((value) => (gain ? 1 : 0) + spread * value);
}

/** Values in [-1, 1) (xorshift32, Marsaglia 2003). */
function pseudoRandom(count: number, seed: number): Float32Array {
  let state = Math.imul(seed, 0x9e37_79b1) | 1;
  return Float32Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  });
}
