import { OptionFailure } from '../failure.ts';
import type { Hardware } from '../nn/value.ts';

export type Provider = 'cpu' | 'cuda' | 'webgpu' | 'dml' | 'coreml';

/** One place where networks run: an execution provider, and which of several graphics cards. */
export interface DeviceId {
  readonly provider: Provider;
  /** Counted from 0 as the driver counts; 0 where the provider knows one device only. */
  readonly index: number;
}

/** What makes two results comparable bit by bit: numbers differ between providers, and between the types they are computed in. */
export interface Numbers {
  readonly provider: Provider;
  readonly precision: 'float32' | 'float16';
}

export type PrecisionWish = 'auto' | 'float32' | 'float16';

/** From the fastest to the one that always runs. */
export const providers: readonly Provider[] = ['cuda', 'dml', 'coreml', 'webgpu', 'cpu'];

/** Providers that can be told which card to use; the others decide themselves. */
const withIndex: ReadonlySet<Provider> = new Set(['cuda', 'dml']);

/** What graphs for a provider are written for. */
export function hardwareOf(provider: Provider): Hardware {
  return provider === 'cpu' ? 'cpu' : 'gpu';
}

export const cpu: DeviceId = { provider: 'cpu', index: 0 };

/** `cuda`, `cuda:1`, `cpu`. */
export function deviceName({ provider, index }: DeviceId): string {
  return index === 0 ? provider : `${provider}:${index}`;
}

export function sameDevice(a: DeviceId, b: DeviceId): boolean {
  return a.provider === b.provider && a.index === b.index;
}

/**
 * Reads `cuda`, `cuda:1`, ...
 * @throws KernelFailure('usage') when there is no device of that name, whatever machine it is
 */
export function parseDevice(name: string): DeviceId {
  const [, word, number] = /^([a-z]+)(?::(\d{1,2}))?$/.exec(name) ?? [];
  const provider = providers.find((known) => known === word);
  if (!provider) throw new OptionFailure('usage', 'device', `there is no device '${name}'; auto, ${providers.join(', ')} are known, and 'difface devices' lists what can run here`);
  const index = Number(number ?? 0);
  if (index > 0 && !withIndex.has(provider)) throw new OptionFailure('usage', 'device', `there is no device '${name}': of ${provider} there is one only; several are told apart with ${[...withIndex].map((known) => `${known}:1`).join(' or ')}`);
  return { provider, index };
}
