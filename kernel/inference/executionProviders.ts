import { createRequire } from 'node:module';
import { cpus, platform } from 'node:os';
import { existsSync } from 'node:fs';
import { KernelFailure, messageOf } from '../failure.ts';
import { cpu, deviceName, parseDevice, providers, sameDevice, type DeviceId, type Numbers, type PrecisionWish, type Provider } from './device.ts';
import { hostFacts, type HostFacts } from './hostFacts.ts';
import { cudaProvider } from './runtimeFolder.ts';
import { both, tryDevice, type Trial } from './trial.ts';
import { VerdictStore, type Verdict } from './verdictStore.ts';

/** A place where networks can run, and whether they really do. */
export interface Device extends DeviceId {
  /** `cuda`, `cuda:1`, ... */
  readonly name: string;
  /** What the driver calls the card, where it says. */
  readonly card?: string;
  /** In float32 at least. */
  readonly usable: boolean;
  /** Why it is or is not usable, for a person. */
  readonly reason: string;
  readonly trial: Trial;
  /** ISO time of the trial. */
  readonly when: string;
}

/** Where and in which numbers to compute, and why there, for a person. */
export interface Choice {
  readonly device: DeviceId;
  readonly precision: Numbers['precision'];
  readonly reason: string;
}

export interface TrialOptions {
  /** Tries again what was tried before. */
  readonly again?: boolean;
  /** The trial itself: in a process of its own where absent. */
  readonly attempt?: (device: DeviceId) => Promise<Trial>;
  readonly facts?: HostFacts;
}

/** Every device that may be on this machine: tried now, or known from an earlier trial. */
export async function devices(options: TrialOptions = {}): Promise<readonly Device[]> {
  const trials = await Trials.begin(options);
  const found: Device[] = [];
  for (const device of trials.candidates) found.push(await trials.device(device));
  return found;
}

/**
 * The device and the precision for a wish. `auto` takes the fastest that passes its trial; `auto` numbers are float16 on a graphics card that passed with them, else float32.
 * A device that is asked for by name is tried again when it failed before.
 * @param except devices that failed in the middle of work
 * @throws KernelFailure('device') when the wished one cannot run, with the reason; there is no silent change to another; ('usage') when there is none of that name
 */
export async function chooseDevice(wish: string, precision: PrecisionWish = 'auto', except: readonly DeviceId[] = [], options: TrialOptions = {}): Promise<Choice> {
  const wished = wish === 'auto' ? undefined : parseDevice(wish);
  if (wished?.provider === 'cpu') return { device: cpu, precision: precision === 'float16' ? 'float16' : 'float32', reason: 'chosen' };
  const trials = await Trials.begin(options);
  if (wished) return numbersOf(await trials.wished(wished), precision, 'chosen');
  const refused: string[] = [];
  for (const candidate of trials.candidates) {
    if (except.some((failed) => sameDevice(failed, candidate))) continue;
    // the CPU needs no trial to be the last resort: if it fails, the work says why
    if (candidate.provider === 'cpu') return { device: cpu, precision: precision === 'float16' ? 'float16' : 'float32', reason: refused.length === 0 ? 'no graphics card can be used here' : `no graphics card can be used: ${refused.join('; ')}` };
    if (candidate.provider === 'webgpu' && !trials.graphics) {
      refused.push('webgpu: there is no graphics card, and in software it is slower than the CPU');
      continue;
    }
    const device = await trials.device(candidate);
    if (suits(device, precision)) return numbersOf(device, precision, `the fastest that passed its trial; ${device.reason}`);
    refused.push(`${device.name}: ${device.reason}`);
  }
  throw new KernelFailure('device', `no device is left that can compute; 'difface devices' says why`);
}

/**
 * What `chooseDevice` would choose by what is known already, without a trial.
 * @returns float32 on the CPU where nothing is known
 */
export async function knownNumbers(wish: string, precision: PrecisionWish = 'auto', options: TrialOptions = {}): Promise<Numbers> {
  const untried = (): Promise<Trial> => Promise.resolve(both({ passed: false, reason: 'not tried yet' }));
  const trials = await Trials.begin({ ...options, again: false, attempt: untried, keep: false });
  const wished = wish === 'auto' ? undefined : parseDevice(wish);
  for (const candidate of wished ? [wished] : trials.candidates) {
    if (candidate.provider === 'cpu' || (!wished && candidate.provider === 'webgpu' && !trials.graphics)) continue;
    const device = await trials.device(candidate);
    if (suits(device, precision)) return { provider: candidate.provider, precision: numbersOf(device, precision, '').precision };
  }
  return { provider: 'cpu', precision: precision === 'float16' ? 'float16' : 'float32' };
}

/** A card that cannot compute in the numbers that are asked for is passed over. */
function suits({ usable, trial }: Device, precision: PrecisionWish): boolean {
  return usable && (precision !== 'float16' || trial.float16.passed);
}

/** @param device is no CPU */
function numbersOf({ name, provider, index, trial: { float16 } }: Device, precision: PrecisionWish, why: string): Choice {
  if (precision === 'float16' && !float16.passed) throw new KernelFailure('device', `the device '${name}' cannot compute in float16: ${float16.reason}; use float32, or another device`);
  const note = precision === 'auto' && !float16.passed ? `; float32, since float16 ${float16.reason}` : '';
  return { device: { provider, index }, precision: precision !== 'float32' && float16.passed ? 'float16' : 'float32', reason: why + note };
}

/** The trials of one machine: what is known of them, and how the rest is found out. */
class Trials {
  private constructor(readonly candidates: readonly DeviceId[], private readonly built: ReadonlySet<Provider>, private readonly facts: HostFacts, private readonly store: VerdictStore, private readonly options: TrialOptions & { readonly keep?: boolean }) {}

  /** @throws KernelFailure('device') when the runtime itself cannot be loaded */
  static async begin(options: TrialOptions & { readonly keep?: boolean }): Promise<Trials> {
    const built = builtProviders();
    const facts = options.facts ?? (await hostFacts());
    return new Trials(candidatesOf(built, facts), built, facts, await VerdictStore.open(facts), options);
  }

  get graphics(): boolean {
    return this.facts.graphics;
  }

  async device(id: DeviceId): Promise<Device> {
    return this.described(id, (this.options.again === true ? undefined : this.store.of(deviceName(id))) ?? (await this.tried(id)));
  }

  /** @throws KernelFailure('device') when it cannot run */
  async wished(id: DeviceId): Promise<Device> {
    const known = this.store.of(deviceName(id));
    const device = this.described(id, known?.float32.passed === true && this.options.again !== true ? known : await this.tried(id));
    if (device.usable) return device;
    throw new KernelFailure('device', `the device '${device.name}' cannot be used: ${device.reason}; 'difface devices' lists what can`);
  }

  private async tried(id: DeviceId): Promise<Verdict> {
    const missing = missingOf(id, this.built, this.facts);
    if (missing !== undefined) return { ...both({ passed: false, reason: missing }), when: new Date().toISOString() };
    const trial = await (this.options.attempt ?? tryDevice)(id);
    return this.options.keep === false ? { ...trial, when: new Date().toISOString() } : this.store.keep(deviceName(id), trial);
  }

  private described(id: DeviceId, { when, ...trial }: Verdict): Device {
    const card = cardOf(id, this.facts);
    return { ...id, name: deviceName(id), ...(card === undefined ? {} : { card }), usable: trial.float32.passed, reason: id.provider === 'cpu' && trial.float32.passed ? 'always there' : reasonOf(trial), trial, when };
  }
}

/** What computes there, as the system names it: the card with its driver, or the processor. */
export function hardwareOf(id: DeviceId): Promise<string | undefined> {
  const known = hardware.get(deviceName(id)) ?? (id.provider === 'cpu' ? Promise.resolve(cpus()[0]?.model.trim()) : hostFacts().then((facts) => cardOf(id, facts)));
  hardware.set(deviceName(id), known);
  return known;
}

/** By the name of the device: cards do not change while a process lives, and to ask their driver takes a second. */
const hardware = new Map<string, Promise<string | undefined>>();

function cardOf({ provider, index }: DeviceId, { nvidia, windows }: Pick<HostFacts, 'nvidia' | 'windows'>): string | undefined {
  if (provider === 'cuda') return nvidia[index];
  return provider === 'dml' && windows.length === 1 ? windows[0] : undefined;
}

/** The providers that were built into the runtime; whether they work is another question. */
function builtProviders(): ReadonlySet<Provider> {
  try {
    const runtime = createRequire(import.meta.url)('onnxruntime-node') as { listSupportedBackends(): readonly { readonly name: string }[] };
    const names = new Set(runtime.listSupportedBackends().map(({ name }) => name));
    return new Set(providers.filter((provider) => names.has(provider)));
  } catch (error) {
    throw new KernelFailure('device', `ONNX Runtime cannot be loaded on this machine (${platform()}, ${process.arch}): ${messageOf(error)}`, { cause: error });
  }
}

/** Several cards of one maker are several devices; of cards that Windows lists each may be one. */
export function candidatesOf(built: ReadonlySet<Provider>, { nvidia, windows }: Pick<HostFacts, 'nvidia' | 'windows'>): readonly DeviceId[] {
  const count = (provider: Provider): number => (provider === 'cuda' ? nvidia.length : provider === 'dml' ? windows.length : 1);
  return providers.filter((provider) => built.has(provider)).flatMap((provider) => Array.from({ length: Math.max(1, count(provider)) }, (_, index) => ({ provider, index })));
}

/** What can be said without a trial. */
function missingOf({ provider, index }: DeviceId, built: ReadonlySet<Provider>, { nvidia, environment }: HostFacts): string | undefined {
  if (!built.has(provider)) return 'this build of ONNX Runtime does not know it';
  if (provider !== 'cuda') return undefined;
  const visible = environment['CUDA_VISIBLE_DEVICES'];
  if (nvidia.length === 0 && visible !== undefined) return `no card of NVIDIA is visible to CUDA, since CUDA_VISIBLE_DEVICES is '${visible}'`;
  if (index > 0 && index >= nvidia.length) return `there ${nvidia.length === 1 ? 'is 1 card' : `are ${nvidia.length} cards`} of NVIDIA here`;
  if (existsSync(cudaProvider())) return undefined;
  return nvidia.length === 0 ? 'no card of NVIDIA was found' : "the CUDA libraries are not installed; 'difface devices install-cuda' fetches them";
}

function reasonOf({ float32, float16 }: Trial): string {
  if (!float32.passed) return float32.reason;
  const same = `agrees with the CPU to ${float32.difference.toExponential(0)} in float32`;
  return float16.passed ? `${same} and ${float16.difference.toExponential(0)} in float16` : `${same}; not in float16: ${float16.reason}`;
}
