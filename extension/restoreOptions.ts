import { window, type QuickPickItem } from 'vscode';
import type { KernelInfo, ModelSummary, RestoreRequest } from '../kernel/protocol.ts';
import { defaultSeed } from './defaults.ts';
import { deviceSetting } from './settings.ts';
import { without } from './without.ts';

/** How files are to be restored, and where. */
export interface AskedOptions {
  readonly options: RestoreRequest;
  readonly device: string;
}

const samplers = { ddim: 'DDIM', ddpm: 'DDPM', 'dpm++': 'DPM-Solver++(2M)' } as const;
const devices = { auto: 'the fastest that computes the right numbers', cpu: 'the processor', cuda: 'NVIDIA', dml: 'DirectML, Windows', coreml: 'Apple', webgpu: 'any graphics card' } as const;

/** Asks for the options of "Restore Faces With...", one after the other. @returns undefined when it is given up */
export async function askOptions({ models, model }: KernelInfo, settings: RestoreRequest): Promise<AskedOptions | undefined> {
  const chosen = await pick('Model', models.filter(({ installed }) => installed).map(({ name, title, notice }) => ({
    label: title, value: name, ...(name === model ? { description: 'default' } : {}), detail: notice ?? '',
  })));
  const summary = models.find(({ name }) => name === chosen);
  if (!summary) return undefined;
  const method = await askMethod(summary);
  if (method === undefined) return undefined;
  const strength = await number('Strength', '1', 'How much of the restored face is blended in: 0 none, 1 all of it', 0, 1);
  if (strength === undefined) return undefined;
  const seed = await wholeNumber('Seed', settings.seed ?? defaultSeed, 'The same seed gives the same faces', 0, 2 ** 32 - 1);
  if (seed === undefined) return undefined;
  const usual = deviceSetting();
  const device = await pick('Device', Object.entries<string>(usual in devices ? devices : { ...devices, [usual]: 'as set' }).map(([value, description]) => ({ label: value, value, description: `${description}${value === usual ? ', default' : ''}` })).sort((a, b) => Number(b.value === usual) - Number(a.value === usual)));
  return device === undefined ? undefined : { options: { model: summary.name, ...method, strength, seed }, device };
}

async function askMethod({ defaults, fast }: ModelSummary): Promise<RestoreRequest | undefined> {
  const way = await pick('Quality', [
    { label: 'Quality', value: 'quality', description: `${samplers[defaults.sampler]}, ${defaults.steps} steps` },
    { label: 'Fast', value: 'fast', description: `${samplers[fast.sampler]}, ${fast.steps} steps` },
    { label: 'Sampler and Steps...', value: 'own', description: 'choose both' },
  ]);
  if (way === undefined) return undefined;
  if (way === 'quality') return defaults.sampler === 'ddim' ? defaults : without(defaults, 'eta');
  if (way === 'fast') return fast;
  const sampler = await pick('Sampler', (['ddim', 'ddpm', 'dpm++'] as const).map((value) => ({ label: samplers[value], value, ...(value === defaults.sampler ? { description: 'default' } : {}) })));
  if (sampler === undefined) return undefined;
  if (sampler === 'ddpm') return { sampler };
  const steps = await wholeNumber('Steps', sampler === defaults.sampler ? defaults.steps : fast.steps, 'Network calls for each face', 1, defaults.start);
  return steps === undefined ? undefined : { sampler, steps };
}

async function pick<T extends string>(title: string, items: readonly (QuickPickItem & { readonly value: T })[]): Promise<T | undefined> {
  return (await window.showQuickPick([...items], { title: `DifFace: ${title}`, ignoreFocusOut: true }))?.value;
}

async function wholeNumber(title: string, value: number, prompt: string, low: number, high: number): Promise<number | undefined> {
  const given = await number(title, String(value), prompt, low, high);
  return given === undefined ? undefined : Math.round(given);
}

async function number(title: string, value: string, prompt: string, low: number, high: number): Promise<number | undefined> {
  const text = await window.showInputBox({
    title: `DifFace: ${title}`, value, prompt, ignoreFocusOut: true,
    validateInput: (typed) => (typed.trim() !== '' && Number(typed) >= low && Number(typed) <= high ? undefined : `A number from ${low} to ${high} is expected.`),
  });
  return text === undefined ? undefined : Number(text);
}
