import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareModel } from '../../kernel/inference/modelStore.ts';
import { openSession, type Session } from '../../kernel/inference/session.ts';
import { openStateDict } from '../../kernel/checkpoint/stateDict.ts';
import { parseNetwork, type GraphRequest, type NetworkSpec } from '../../kernel/models/network.ts';
import { recognise } from '../../kernel/models/recognise.ts';
import type { Tensor } from '../../kernel/tensor/tensor.ts';
import { largestDifference, within, type Comparison } from './fixture.ts';

/** A cache folder of its own, gone afterwards: parity must not depend on what was converted before. */
export async function* withCache(compare: (cacheFolder: string) => AsyncIterable<Comparison>): AsyncGenerator<Comparison> {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'difface-parity-'));
  try {
    yield* compare(cacheFolder);
  } finally {
    await rm(cacheFolder, { recursive: true, force: true });
  }
}

/** A fixture's network for one size, loaded through the product's own conversion. */
export async function openNetwork(checkpoint: string, config: string, architecture: NetworkSpec['architecture'], request: GraphRequest & { readonly cacheFolder: string }): Promise<Session> {
  const { params } = JSON.parse(await readFile(config, 'utf8')) as { params: unknown };
  return openSession(await prepareModel({ ...request, hardware: request.precision === 'fp16' ? 'gpu' : 'cpu', checkpoint, network: parseNetwork(architecture, params) }), { provider: 'cpu' });
}

/** A fixture's face detector, whose keys and shapes tell all of its parameters. */
export async function openDetector(checkpoint: string, request: Pick<GraphRequest, 'precision'> & { readonly cacheFolder: string }): Promise<Session> {
  const dict = await openStateDict(checkpoint);
  const found = recognise(dict.entries);
  await dict.close();
  if (found.architecture !== 'retinaface' && found.architecture !== 'yolov5-face') throw new Error(`${checkpoint} is recognised as ${found.architecture}`);
  return openSession(await prepareModel({ ...request, batch: 1, height: 0, width: 0, checkpoint, network: parseNetwork(found.architecture, found.params) }), { provider: 'cpu' });
}

interface TracedModule {
  readonly name: string;
  readonly shape: readonly number[];
  readonly mean: number;
  readonly std: number;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** What every module computed, against recorded shape, mean, deviation, first and last values. */
export async function compareTrace(path: string, outputs: Readonly<Record<string, Tensor>>, tolerance: number): Promise<Comparison> {
  const modules = JSON.parse(await readFile(path, 'utf8')) as readonly TracedModule[];
  let error = 0;
  let worst = '';
  for (const { name, shape, mean, std, first, last } of modules) {
    const output = outputs[name.replace(/ \(.*$/, '')];
    if (output?.shape.join() !== shape.join()) return within('trace', Infinity, tolerance, `${name} is ${output ? `(${output.shape.join(', ')})` : 'not computed'}, not (${shape.join(', ')})`);
    const values = output.data;
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length);
    const difference = largestDifference([average, deviation, ...values.slice(0, first.length), ...values.slice(values.length - last.length)], [mean, std, ...first, ...last]);
    if (!(difference <= error)) [error, worst] = [difference, name];
  }
  return within('trace', error, tolerance, `${modules.length} modules, largest at ${worst}`);
}
