import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../cli/command.ts';
import type { NetworkSpec } from '../../kernel/models/network.ts';
import type { Tensor } from '../../kernel/tensor/tensor.ts';

/** A network of the sample model: trained weights of a few hundred kilobytes. */
export async function sampleNetwork(name: 'denoiser' | 'backbone'): Promise<{ readonly checkpoint: string; readonly architecture: NetworkSpec['architecture']; readonly params: unknown }> {
  const folder = join(root, 'samples', 'model');
  const { file, architecture, params } = (JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as Record<string, { file: string; architecture: NetworkSpec['architecture']; params: unknown }>)[name]!;
  return { checkpoint: join(folder, file), architecture, params };
}

/** Smooth pictures, each another, within the range of the network; for the denoiser with a late and an early timestep. */
export function pictureOf(name: 'denoiser' | 'backbone', batch: number, side: number): Readonly<Record<string, Tensor>> {
  const data = Float32Array.from({ length: batch * 3 * side * side }, (_, i) => Math.sin(0.001 * i) * Math.cos(0.37 * (i % side)));
  const shape = [batch, 3, side, side];
  if (name === 'backbone') return { x: { data: data.map((value) => (value + 1) / 2), shape } };
  return { x: { data, shape }, t: { data: Float32Array.from({ length: batch }, (_, b) => (b % 2 === 0 ? 411 : 987)), shape: [batch] } };
}
