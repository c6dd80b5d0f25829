import { platform } from 'node:os';
import { deviceName, providers, type DeviceId, type Provider } from '../../inference/device.ts';
import { hostFacts, type HostFacts } from '../../inference/hostFacts.ts';
import { VerdictStore } from '../../inference/verdictStore.ts';
import type { KnownDevice } from '../../recipe/language/surroundings.ts';

/** Systems that a provider is made for; the others are for all. */
const systems: Partial<Record<Provider, { readonly names: readonly string[]; readonly said: string }>> = {
  cuda: { names: ['linux', 'win32'], said: 'Linux and Windows' }, dml: { names: ['win32'], said: 'Windows' }, coreml: { names: ['darwin'], said: 'Macs' },
};

let facts: Promise<HostFacts> | undefined;

/** Every device a recipe may name, with what its last trial came to: no network is run to find it out. */
export async function knownDevices(): Promise<readonly KnownDevice[]> {
  facts ??= hostFacts();
  const host = await facts;
  const store = await VerdictStore.open(host);
  const cards = (provider: Provider): number => Math.max(1, provider === 'cuda' ? host.nvidia.length : provider === 'dml' ? host.windows.length : 1);
  return providers.flatMap((provider) => Array.from({ length: cards(provider) }, (_, index) => described({ provider, index }, host, store)));
}

function described(id: DeviceId, { nvidia }: HostFacts, store: VerdictStore): KnownDevice {
  const name = deviceName(id);
  const system = systems[id.provider];
  if (id.provider === 'cpu') return { name, usable: true, reason: 'always there' };
  if (system && !system.names.includes(platform())) return { name, usable: false, missing: true, reason: `it is for ${system.said} alone` };
  const trial = store.of(name)?.float32;
  if (trial) return { name, usable: trial.passed, reason: trial.passed ? `it computes what the CPU does, to ${trial.difference.toExponential(0)}` : trial.reason };
  if (id.provider === 'cuda' && nvidia.length === 0) return { name, usable: false, missing: true, reason: 'no card of NVIDIA was found' };
  return { name, usable: undefined, reason: nvidia[id.index] !== undefined && id.provider === 'cuda' ? nvidia[id.index]! : 'a restoration tries it when it is first asked for' };
}
