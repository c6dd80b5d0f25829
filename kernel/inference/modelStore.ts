import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { openStateDict, type StateDict } from '../checkpoint/stateDict.ts';
import { KernelFailure, messageOf } from '../failure.ts';
import { checkFit } from '../models/fit.ts';
import { createNetwork, networkGraph, networkNames, parseNetwork, takesAnySize, type NetworkSpec } from '../models/network.ts';
import { recognise } from '../models/recognise.ts';
import { weightBytes, type Graph } from '../nn/graph.ts';
import type { Hardware } from '../nn/value.ts';
import type { Weight } from '../nn/weight.ts';
import { toFloat16 } from '../tensor/float16.ts';
import { temporaryBeside } from '../temporaries.ts';
import { refusalOf } from '../weights/diskFailure.ts';
import { sumOf } from '../weights/examine.ts';
import type { NetworkFile } from '../weights/model.ts';
import { writeSmallFile } from '../weights/smallFile.ts';
import { stampOf } from '../weights/stamp.ts';
import { writeAll } from '../weights/writeAll.ts';
import { isIntact, readConverted, recordConverted, writeSynced } from './convertedFiles.ts';

export interface ModelRequest {
  /** Path of the PyTorch file. */
  readonly checkpoint: string;
  readonly network: NetworkSpec;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly precision: 'fp32' | 'fp16';
  /** What it runs on; 'cpu' where absent. */
  readonly hardware?: Hardware;
  readonly cacheFolder: string;
  /** Every module's result becomes an output named by its key. */
  readonly trace?: boolean;
  readonly signal?: AbortSignal;
  /** Told while weights are converted: the share that is done, 0 .. 1. */
  readonly onProgress?: (done: number) => void;
}

/** Of networks whose graph serves pictures of all sizes, in the precision that all devices have. */
export const anySize = { batch: 1, height: 0, width: 0, precision: 'fp32' } as const;

/** Raised whenever the graph that is written of a network differs from what an earlier version wrote. */
const graphVersions: Readonly<Record<NetworkSpec['architecture'], number>> = { unet: 4, swinir: 3, retinaface: 3, 'yolov5-face': 3, parsenet: 4, rrdbnet: 3 };
const alignment = 4096;                                                 // weights on page borders can be mapped

/**
 * The ONNX model of a checkpoint at one size: converted at the first call, found in the cache afterwards. The cache key is the content of the
 * checkpoint, the network's parameters, the sizes, the precision and the hardware. One whose files are not what was written is converted again. Two processes may convert at once: each writes a folder of its own and renames it.
 * @returns path of the .onnx file; its weights lie beside it
 * @throws KernelFailure('checkpoint') if the file cannot be read or does not fit, ('output') if the cache cannot be written
 */
export async function prepareModel(request: ModelRequest): Promise<string> {
  const { network, batch, height, width, precision, hardware = 'cpu', cacheFolder, trace = false, signal, onProgress } = request;
  const content = await contentHash(request.checkpoint, cacheFolder);
  const size = takesAnySize(network) ? [] : [height, width];
  const key = createHash('sha256').update(JSON.stringify([graphVersions[network.architecture], content, network, batch, ...size, precision, trace, hardware])).digest('hex').slice(0, 32);
  const folder = join(cacheFolder, 'models', `${network.architecture}-${size.length === 0 ? 'any-size' : `${width}x${height}`}-${precision}-${key}`);
  const model = join(folder, 'model.onnx');
  if (await isIntact(folder)) return model;
  // the weights are the same for every batch: they lie on the disk once
  const single = batch > 1 ? dirname(await prepareModel({ ...request, batch: 1 })) : undefined;

  const dict = await openStateDict(request.checkpoint);
  const part = temporaryBeside(folder);
  try {
    const instance = createNetwork(network).bind();
    checkFit(request.checkpoint, instance, networkNames[network.architecture], dict.entries);
    const graph = networkGraph(instance, { batch, height, width, precision, hardware, trace });
    await mkdir(part, { recursive: true });
    const weights = join(part, 'weights.bin');
    const { places, sha256 } = single === undefined ? await writeWeights(weights, graph, dict, signal, onProgress) : await shareWeights(single, weights, graph);
    const encoded = graph.encode((weight) => ({ location: 'weights.bin', ...places.get(weight)! }));
    await writeSynced(join(part, 'model.onnx'), encoded);
    await recordConverted(part, content, { 'model.onnx': createHash('sha256').update(encoded).digest('hex'), 'weights.bin': sha256 });
    await publish(part, folder);
    return model;
  } catch (error) {
    const refusal = refusalOf(folder, error);
    if (refusal) throw new KernelFailure('output', `the converted model cannot be written to ${dirname(folder)}: ${refusal.why}; ${refusal.mend === undefined ? '' : `${refusal.mend}, or `}set DIFFACE_CACHE to another folder`, { cause: error });
    throw error;
  } finally {
    await dict.close();
    await rm(part, { recursive: true, force: true }).catch(() => undefined);
  }
}

interface Places {
  readonly places: ReadonlyMap<Weight, { readonly offset: number; readonly length: number }>;
  readonly total: number;
}

type WrittenWeights = Pick<Places, 'places'> & { readonly sha256: string };

/** Streams the weights into one file; only the tensors of the weight in work are in memory. */
async function writeWeights(path: string, graph: Graph, dict: StateDict, signal: AbortSignal | undefined, onProgress: ((done: number) => void) | undefined): Promise<WrittenWeights> {
  const { places, total } = placesOf(graph);
  const hash = createHash('sha256');
  let [written, at] = [0, 0];
  const file = await open(path, 'wx');
  try {
    for (const [weight, { offset, length }] of places) {
      signal?.throwIfAborted();
      const sources: Float32Array[] = [];
      for (const key of weight.sources) sources.push(await dict.readFloat32(key));
      const values = weight.compute(sources);
      const data = weight.dtype === 'float16' ? toFloat16(values) : values;
      const bytes = new Uint8Array(data.buffer, data.byteOffset, length);
      await writeAll(file, bytes, offset);
      hash.update(new Uint8Array(offset - at)).update(bytes);
      at = offset + length;
      onProgress?.(++written / places.size);
    }
    await file.truncate(total);                                         // up to the last page's border there are zeros, as between the weights
    hash.update(new Uint8Array(total - at));
    await file.sync();
  } finally {
    await file.close();
  }
  return { places, sha256: hash.digest('hex') };
}

/** Every weight begins on a page. */
function placesOf(graph: Graph): Places {
  const places = new Map<Weight, { offset: number; length: number }>();
  let at = 0;
  for (const weight of graph.weights) {
    const length = weightBytes(weight);
    places.set(weight, { offset: at, length });
    at = Math.ceil((at + length) / alignment) * alignment;
  }
  return { places, total: at };
}

/** The weights of the same network for another batch, under a second name; a copy where the disk knows no second names. */
async function shareWeights(single: string, path: string, graph: Graph): Promise<WrittenWeights> {
  const record = await readConverted(single);
  if (!record) throw new Error(`${single} was taken away while it was in use`);
  const written = join(single, 'weights.bin');
  await link(written, path).catch(() => copyFile(written, path));
  return { places: placesOf(graph).places, sha256: record.files['weights.bin'].sha256 };
}

/** Renames the finished folder; where another process was faster, its result serves, unless it is damaged. */
async function publish(part: string, folder: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(part, folder);
      return;
    } catch (error) {
      if (await isIntact(folder)) return;
      if (attempt > 0) throw error;
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** SHA-256 of a file's content, remembered by path, size and time of change: hashing 640 MB takes seconds. */
export async function contentHash(path: string, cacheFolder: string): Promise<string> {
  const found = await stat(path).catch((error: unknown) => {
    throw new KernelFailure('checkpoint', `${path} cannot be opened: ${messageOf(error)}`, { cause: error });
  });
  const memory = join(cacheFolder, 'hashes', createHash('sha256').update(resolve(path)).digest('hex').slice(0, 32) + '.json');
  const stamp = stampOf(found);
  const known = await readFile(memory, 'utf8').then((text) => JSON.parse(text) as { stamp?: string; hash?: string }).catch(() => ({ stamp: undefined, hash: undefined }));
  if (known.stamp === stamp && typeof known.hash === 'string') return known.hash;
  const hash = found.isFile() ? (await sumOf(path, [])).sha256 : createHash('sha256').digest('hex');
  await mkdir(dirname(memory), { recursive: true }).catch(() => undefined);
  await writeSmallFile(memory, JSON.stringify({ file: basename(path), stamp, hash })).catch(() => undefined);   // without it the file is hashed again
  return hash;
}

/** `prepareModel` for a network as a model description names it. */
export function prepareNetwork(folder: string, { file, architecture, params }: NetworkFile, size: Omit<ModelRequest, 'checkpoint' | 'network'>): Promise<string> {
  return prepareModel({ ...size, checkpoint: join(folder, file), network: parseNetwork(architecture, params) });
}

/**
 * `prepareModel` for a file whose keys and shapes tell the parameters.
 * @throws KernelFailure('checkpoint') also when it holds another network
 */
export async function prepareRecognised(checkpoint: string, architecture: 'retinaface' | 'yolov5-face' | 'parsenet' | 'rrdbnet', size: Omit<ModelRequest, 'checkpoint' | 'network'>): Promise<string> {
  const dict = await openStateDict(checkpoint);
  const found = recognise(dict.entries);
  await dict.close();
  if (found.architecture !== architecture) throw new KernelFailure('checkpoint', `${checkpoint} holds no ${networkNames[architecture]}, but ${found.architecture === 'unknown' ? 'a network that is not known here' : `a network of the kind '${found.architecture}'`}; install the file again`);
  return prepareModel({ ...size, checkpoint, network: parseNetwork(architecture, found.params) });
}
