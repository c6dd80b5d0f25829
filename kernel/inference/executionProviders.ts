import { createRequire } from 'node:module';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KernelFailure, messageOf } from '../failure.ts';
import { encodeOnnx } from '../nn/onnxWriter.ts';
import { InferenceClient } from './client.ts';
import type { Provider } from './session.ts';

/** A place where networks can run, and whether they really do. */
export interface Device {
  readonly provider: Provider;
  readonly usable: boolean;
  /** Why it is or is not usable, for a person. */
  readonly reason: string;
}

/** From the fastest to the one that always runs. */
const preference: readonly Provider[] = ['cuda', 'dml', 'coreml', 'webgpu', 'cpu'];

/**
 * Tries every execution provider this build of ONNX Runtime has, each in a process of its own that may crash: a small matrix product must give the right numbers.
 */
export async function devices(): Promise<readonly Device[]> {
  const runtime = createRequire(import.meta.url)('onnxruntime-node') as { listSupportedBackends(): readonly { readonly name: string }[] };
  const built = new Set(runtime.listSupportedBackends().map(({ name }) => name));
  const found: Device[] = [];
  for (const provider of preference) if (built.has(provider)) found.push(await probe(provider));
  return found;
}

/**
 * The provider for a wish: `auto` takes the best that passes its trial.
 * @throws KernelFailure('device') when the wished one cannot run, with the reason; there is no silent change to another; ('usage') when there is none of that name
 */
export async function chooseDevice(wish: string): Promise<Device> {
  if (wish === 'cpu') return { provider: 'cpu', usable: true, reason: 'chosen' };
  if (wish !== 'auto' && !preference.some((provider) => provider === wish)) throw new KernelFailure('usage', `there is no device '${wish}'; auto, ${preference.join(', ')} are known, and 'difface devices' lists what can run here`);
  const all = await devices();
  if (wish === 'auto') return all.find(({ usable }) => usable) ?? { provider: 'cpu', usable: true, reason: 'always there' };
  const wished = all.find(({ provider }) => provider === wish);
  if (wished?.usable === true) return wished;
  throw new KernelFailure('device', `the device '${wish}' cannot be used: ${wished?.reason ?? 'this build does not know it'}; 'difface devices' lists what can`);
}

async function probe(provider: Provider): Promise<Device> {
  const folder = await mkdtemp(join(tmpdir(), 'difface-probe-'));
  const client = new InferenceClient({ provider });
  try {
    const path = join(folder, 'probe.onnx');
    await writeFile(path, encodeOnnx({
      name: 'probe', opset: 17,
      inputs: [{ name: 'x', dtype: 'float32', shape: [2, 2] }],
      outputs: [{ name: 'out', dtype: 'float32', shape: [2, 2] }],
      nodes: [{ opType: 'MatMul', inputs: ['x', 'x'], outputs: ['out'], attributes: {} }],
      initializers: [],
    }));
    await client.load('probe', path);
    const { out } = await client.infer('probe', { x: { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] } });
    const right = [7, 10, 15, 22].every((value, i) => Math.abs(out!.data[i]! - value) < 0.1);
    return { provider, usable: right, reason: right ? 'computes the right numbers' : `computes wrong numbers (${out!.data.join(', ')})` };
  } catch (error) {
    return { provider, usable: false, reason: clearReason(messageOf(error)) };
  } finally {
    client.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * What the runtime says of a failure, as far as a person can use it: the first sentence, without its sources' lines and without folders.
 * @param said one line
 */
export function clearReason(said: string): string {
  const cause = said
    .replace(/^Cannot load \S+ on \w+: /, '')
    .replace(/^.* was false\. /, '')                                    // the condition in the source that did not hold
    .replace(/^.*\[ONNXRuntimeError\] : \d+ : \w+ : /, '')
    .replace(/\S+\.(?:cc|cpp|cu|h):\d+ \S+ (?:\S*::)*\S+\([^)]*\) ?/g, '')
    .replace(/^OrtSessionOptions\w+: /, '')
    .replace(/(?:[A-Za-z]:)?(?:[\\/][\w.+@~-]+)*[\\/]([\w.+@~-]+)/g, '$1');
  const sentence = /^.*?[^\d.](?=\. |\.?$)/.exec(cause)?.[0].trim() ?? '';
  return sentence === '' ? 'its trial failed' : sentence;
}
