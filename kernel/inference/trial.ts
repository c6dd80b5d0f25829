import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KernelFailure, messageOf } from '../failure.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { clearReason } from './clearReason.ts';
import { InferenceClient } from './client.ts';
import { cpu, deviceName, hardwareOf, type DeviceId, type Numbers } from './device.ts';
import { trialFeeds, trialNetworks, trialPrecision, writeTrialGraph, type TrialNetwork } from './trialGraphs.ts';

/** How a trial in one type of numbers ended. */
export type TrialOutcome =
  /**
   * @property difference largest to the CPU's numbers, as a part of the largest of these
   * @property milliseconds of a second run, when everything is compiled
   */
  | { readonly passed: true; readonly difference: number; readonly milliseconds: number }
  | { readonly passed: false; readonly reason: string };

export type Trial = Readonly<Record<Numbers['precision'], TrialOutcome>>;

/** What a device may differ from the CPU, as a part of the CPU's largest number. */
export const tolerances: Readonly<Record<Numbers['precision'], number>> = { float32: 1e-3, float16: 2e-2 };
const types = { float32: 'fp32', float16: 'fp16' } as const satisfies Record<Numbers['precision'], string>;
/** A driver compiles its shaders first, in software for a quarter of a minute; one that says nothing for so long hangs. */
const patience = 120_000;

/**
 * Runs the small networks on a device, in both types of numbers, each time in a process of its own that may crash or hang, and compares them with the CPU's float32 numbers.
 * Nothing is thrown for a device that fails.
 */
export async function tryDevice(device: DeviceId, milliseconds = patience): Promise<Trial> {
  const folder = await mkdtemp(join(tmpdir(), 'difface-trial-'));
  try {
    const expected = await attempt(() => compute(folder, cpu, 'float32', milliseconds));
    if ('reason' in expected) return both({ passed: false, reason: `the CPU's numbers, to compare with, are missing: ${expected.reason}` });
    const float32 = await tryIn(folder, device, 'float32', expected.outputs, milliseconds);
    return { float32, float16: float32.passed ? await tryIn(folder, device, 'float16', expected.outputs, milliseconds) : float32 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function both(outcome: TrialOutcome): Trial {
  return { float32: outcome, float16: outcome };
}

type Outputs = Readonly<Partial<Record<TrialNetwork, Tensor>>>;
type Computed = { readonly outputs: Outputs; readonly milliseconds: number };

async function tryIn(folder: string, device: DeviceId, precision: Numbers['precision'], expected: Outputs, patience: number): Promise<TrialOutcome> {
  const computed = await attempt(() => compute(folder, device, precision, patience));
  if ('reason' in computed) return { passed: false, reason: computed.reason };
  const largest = Math.max(...trialNetworks.map((network) => difference(network, computed.outputs[network], expected[network])));
  if (largest <= tolerances[precision]) return { passed: true, difference: largest, milliseconds: computed.milliseconds };
  return { passed: false, reason: `computes wrong numbers in ${precision} (${Number.isFinite(largest) ? `off by ${(100 * largest).toPrecision(2)} %` : 'some of them none at all'})` };
}

async function attempt(work: () => Promise<Computed>): Promise<Computed | { readonly reason: string }> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof KernelFailure)) throw error;
    return { reason: clearReason(messageOf(error)) };
  }
}

/** @throws KernelFailure('device') when it fails or takes longer than `patience` milliseconds */
async function compute(folder: string, device: DeviceId, precision: Numbers['precision'], patience: number): Promise<Computed> {
  const client = new InferenceClient({ ...device, threads: 1, precision });
  let late: NodeJS.Timeout | undefined;
  try {
    const work = async (): Promise<Computed> => {
      let milliseconds = 0;
      const outputs: Partial<Record<TrialNetwork, Tensor>> = {};
      for (const network of trialNetworks) {
        await client.load(network, await writeTrialGraph(folder, network, trialPrecision(network, types[precision]), hardwareOf(device.provider)));
        outputs[network] = (await client.infer(network, trialFeeds(network)))['out']!;
        const began = performance.now();
        await client.infer(network, trialFeeds(network));
        milliseconds += performance.now() - began;
      }
      return { outputs, milliseconds: Math.round(milliseconds) };
    };
    return await Promise.race([work(), new Promise<never>((_, reject) => {
      late = setTimeout(() => { reject(new KernelFailure('device', `${deviceName(device)} did not answer within ${Math.round(patience / 1000)} s`)); }, patience);
    })]);
  } finally {
    clearTimeout(late);
    client.dispose();
  }
}

/** Classes are the same or not: of the parser's it is the share of pixels that have another. */
function difference(network: TrialNetwork, actual: Tensor | undefined, expected: Tensor | undefined): number {
  if (!actual || !expected) return Infinity;
  return network === 'parser' ? differingShare(actual, expected) : relativeDifference(actual, expected);
}

/** Infinite where something is no number. */
export function differingShare({ data }: Tensor, expected: Tensor): number {
  if (data.length !== expected.data.length || !data.every(Number.isFinite)) return Infinity;
  return expected.data.reduce((count, value, i) => count + (value === data[i] ? 0 : 1), 0) / expected.data.length;
}

/** Largest difference over the largest magnitude of what is expected; infinite where something is no number. */
export function relativeDifference(actual: Tensor, expected: Tensor): number {
  if (actual.data.length !== expected.data.length) return Infinity;
  let [largest, difference] = [0, 0];
  for (const [i, value] of expected.data.entries()) {
    const apart = Math.abs(actual.data[i]! - value);
    if (!Number.isFinite(apart)) return Infinity;
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, apart);
  }
  return largest === 0 ? difference : difference / largest;
}
