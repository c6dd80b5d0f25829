import { window, type QuickPickItem } from 'vscode';
import type { KernelInfo, RestoreRequest } from '../kernel/protocol.ts';

/** Asks for the options of "Restore Faces With...", one after the other. @returns undefined when it is given up */
export async function askOptions({ models, model }: KernelInfo, settings: RestoreRequest): Promise<RestoreRequest | undefined> {
  const chosen = await pick('Model', models.filter(({ installed }) => installed).map(({ name, title, notice }) => ({
    label: title, value: name, ...(name === model ? { description: 'default' } : {}), detail: notice ?? '',
  })));
  const summary = models.find(({ name }) => name === chosen);
  if (!summary) return undefined;
  const speed = await pick('Quality', [
    { label: 'Quality', value: 'quality', description: `${summary.defaults.sampler}, ${summary.defaults.steps} steps` },
    { label: 'Fast', value: 'fast', description: `${summary.fast.sampler}, ${summary.fast.steps} steps` },
  ]);
  if (speed === undefined) return undefined;
  const strength = await number('Strength', '1', 'How much of the restored face is blended in: 0 none, 1 all of it', 0, 1);
  if (strength === undefined) return undefined;
  const seed = await number('Seed', String(settings.seed ?? 12_345), 'The same seed gives the same faces', 0, 2 ** 32 - 1);
  if (seed === undefined) return undefined;
  return { model: summary.name, ...(speed === 'fast' ? summary.fast : {}), strength, seed: Math.round(seed) };
}

async function pick<T extends string>(title: string, items: readonly (QuickPickItem & { readonly value: T })[]): Promise<T | undefined> {
  return (await window.showQuickPick([...items], { title: `DifFace: ${title}`, ignoreFocusOut: true }))?.value;
}

async function number(title: string, value: string, prompt: string, low: number, high: number): Promise<number | undefined> {
  const text = await window.showInputBox({
    title: `DifFace: ${title}`, value, prompt, ignoreFocusOut: true,
    validateInput: (typed) => (typed.trim() !== '' && Number(typed) >= low && Number(typed) <= high ? undefined : `A number from ${low} to ${high} is expected.`),
  });
  return text === undefined ? undefined : Number(text);
}
