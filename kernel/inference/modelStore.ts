import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { openStateDict } from '../checkpoint/stateDict.ts';
import { checkFit } from '../models/fit.ts';
import { createNetwork, networkGraph, networkNames, type NetworkSpec } from '../models/network.ts';
import { weightBytes, type Graph } from '../nn/graph.ts';
import type { ExternalData } from '../nn/onnxWriter.ts';
import { contentHash, readJson, sha256 } from './contentHash.ts';
import { reportingFullDisk, writeWhole } from './wholeFile.ts';
import { writeWeights } from './weightsFile.ts';

export type { NetworkSpec } from '../models/network.ts';

export interface ModelRequest {
  /** Path of the PyTorch file. */
  readonly checkpoint: string;
  readonly network: NetworkSpec;
  /** Size of the pictures the network will get, in pixels. */
  readonly height: number;
  readonly width: number;
  readonly batch: number;
  readonly precision: 'fp32' | 'fp16';
  readonly cacheFolder: string;
  readonly signal?: AbortSignal;
}

/** Raised whenever the same network would be written differently, so that models of older versions are not used. */
const formatVersion = 1;
const weightsName = 'weights.data';
/** Unfinished files of this age belong to no living process. */
const abandonedAfterMs = 60 * 60 * 1000;

const manifestSchema = z.object({ graphBytes: z.number().int(), weightsBytes: z.number().int() });

/**
 * The ONNX model of a checkpoint for one size, converted on first use. All sizes of a network share one file of weights; everything
 * lies in a folder named by the content of the checkpoint, the network and the precision. Files get their names when they are
 * complete, and two processes at once write the same bytes, so either may win. A damaged model is noticed by its size and written again.
 * @returns the path of the .onnx; its weights lie beside it
 * @throws KernelFailure('checkpoint') if the file is damaged or does not fit the network, KernelFailure('input') if the network cannot
 * take the size, KernelFailure('output') if the cache cannot be written; the signal's reason if it was aborted
 */
export async function prepareModel(request: ModelRequest): Promise<string> {
  const { checkpoint, network, height, width, batch, precision, cacheFolder, signal } = request;
  signal?.throwIfAborted();
  const content = await contentHash(checkpoint, cacheFolder, signal);
  const key = sha256(JSON.stringify([formatVersion, content, network.architecture, sortedEntries(network.params), precision]));
  const folder = join(cacheFolder, 'models', `${network.architecture}-${key.slice(0, 32)}`);
  const path = join(folder, `${width}x${height}x${batch}.onnx`);
  if (await isComplete(path)) return path;

  const model = createNetwork(network);
  const graph = networkGraph(model, { batch, height, width, precision });
  await reportingFullDisk(folder, async () => {
    await mkdir(folder, { recursive: true });
    await removeAbandoned(folder);
    const weights = layout(graph);
    if (await sizeOf(join(folder, weightsName)) !== weights.bytes) {
      await using state = await openStateDict(checkpoint);
      checkFit(checkpoint, model, networkNames[network.architecture], state.entries);
      await writeWeights(join(folder, weightsName), graph.weights, state, signal);
    }
    const bytes = graph.encode((weight) => weights.places.get(weight.name)!);
    await writeWhole(path, bytes);
    await writeWhole(manifestPath(path), Buffer.from(JSON.stringify({ graphBytes: bytes.length, weightsBytes: weights.bytes })));
  });
  return path;
}

/** Where each weight of a graph lies in the file of weights: one after the other, in the order of their first use. */
function layout(graph: Graph): { readonly places: ReadonlyMap<string, ExternalData>; readonly bytes: number } {
  const places = new Map<string, ExternalData>();
  let offset = 0;
  for (const weight of graph.weights) {
    const length = weightBytes(weight);
    places.set(weight.name, { location: weightsName, offset, length });
    offset += length;
  }
  return { places, bytes: offset };
}

/** The manifest is written last: what it says must be true of the files. */
async function isComplete(path: string): Promise<boolean> {
  const manifest = manifestSchema.safeParse(await readJson(manifestPath(path))).data;
  if (manifest === undefined) return false;
  return await sizeOf(path) === manifest.graphBytes && await sizeOf(join(path, '..', weightsName)) === manifest.weightsBytes;
}

function manifestPath(path: string): string {
  return join(path, '..', `${basename(path, '.onnx')}.json`);
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.tmp')) continue;
    const written = (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - written > abandonedAfterMs) await rm(join(folder, name), { force: true });
  }
}

/** Parameters in an order that does not depend on how they were written down. */
function sortedEntries(params: object): readonly (readonly [string, unknown])[] {
  return Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
}
