import type { z } from 'zod';
import { shapeOf } from '../valueShape.ts';
import { wordsOf, type KeyWords } from '../words.ts';
import { valueOf, type Caret } from './caret.ts';
import { valueText, type Completion } from './completed.ts';
import type { EditedSurroundings, KnownModel, Surroundings } from './surroundings.ts';
import { choiceWords } from './words.ts';

/** Words, numbers, models, devices and names that a value may be. */
export async function valueCompletions(caret: Caret, schema: z.ZodType, words: KeyWords | undefined, around: EditedSurroundings): Promise<readonly Completion[]> {
  const key = caret.path.find((step) => typeof step === 'string') ?? '';
  const { choices, element } = shapeOf(schema);
  // an axis takes one of its values, too
  const all = [...choices, ...(element && wordsOf(schema) === words && isAxis(schema) ? shapeOf(element).choices : [])];
  const one = (label: string, kind: Completion['kind'], detail: string, order: number, documentation?: string): Completion => ({
    label, kind, detail, at: caret.at, ...valueText(caret, label), filter: label, again: false, order, ...(documentation === undefined ? {} : { documentation }),
  });
  const plain = (label: string, kind: 'choice' | 'number', detail: string, order: number, documentation?: string): Completion => ({ ...one(label, kind, detail, order, documentation), text: label, snippet: false });
  const networks = key === 'detector' ? await around.detectors() : key === 'mask' || key === 'background' ? await around.helpers() : [];
  const found: Completion[] = [...new Set(all)].map((choice, i) => {
    const network = networks.find(({ name }) => name === choice);
    const documentation = choiceWords(schema, String(choice)) ?? words?.choices?.[String(choice)];
    if (typeof choice === 'string') return one(choice, 'choice', network?.installed === false ? 'not installed' : '', i, documentation);
    return plain(String(choice), typeof choice === 'number' ? 'number' : 'choice', '', i, documentation);
  });
  // words that a key takes without being limited to them, such as codecs
  if (choices.length === 0 && !element && typeof caret.path.at(-1) !== 'number') for (const [choice, meaning] of Object.entries(words?.choices ?? {})) if (!found.some(({ label }) => label === choice)) found.push(one(choice, 'choice', '', found.length, meaning));
  if (words?.completes === 'model') found.push(...(await around.models()).map((model, i) => one(model.name, 'model', model.installed ? '' : 'not installed', i, modelWords(model))), one('identity', 'model', '', 9, 'Faces are found, cropped and pasted, and not changed.'));
  if (words?.completes === 'device') found.push(one('auto', 'device', '', 0, 'The fastest that computes the right numbers.'), ...(await around.devices()).map(({ name, usable, reason }, i) => one(name, 'device', usable === undefined ? 'not tried yet' : usable ? 'usable' : 'cannot be used', i + 1, reason)));
  if (words?.completes === 'picture or clip') found.push(...[...around.names, ...caret.named].reverse().filter(({ name }, i, every) => every.findIndex((other) => other.name === name) === i).map(({ name, kind, about }, i) => one(`$${name}`, 'name', `${kind} ${about}`, i)));
  if (found.length === 0) found.push(...(await numbers(caret, key, words, around)).map(({ value, detail }, i) => plain(value, 'number', detail, i)));
  return used(caret, found);
}

/** In a list, what is in it already is not offered again. */
function used(caret: Caret, found: readonly Completion[]): readonly Completion[] {
  const name = caret.path[0];
  if (typeof caret.path.at(-1) !== 'number' || typeof name !== 'string') return found;
  const list = caret.action?.get(name, false) as { readonly items?: readonly unknown[] } | undefined;
  const there = (list?.items ?? []).map((item) => String((item as { readonly value?: unknown } | null)?.value));
  return found.filter(({ label }) => !there.includes(label));
}

function isAxis(schema: z.ZodType): boolean {
  return shapeOf(schema).choices.length > 0;
}

async function numbers(caret: Caret, key: string, words: KeyWords | undefined, around: Surroundings): Promise<readonly { readonly value: string; readonly detail: string }[]> {
  const usual = Number(words?.otherwise ?? Number.NaN);
  if (Number.isFinite(usual)) return [{ value: String(usual), detail: 'the value where it is left out' }];
  if (key !== 'start' && key !== 'steps' && key !== 'eta') return [];
  const models = await around.models();
  const chosen = valueOf(caret.action, 'model');
  const fitting = models.filter(({ name }) => name === chosen);
  return (fitting.length > 0 ? fitting : models).map(({ name, defaults }) => ({ value: String(defaults[key]), detail: `the usual value of ${name}` })).filter(({ value }, i, every) => every.findIndex((other) => other.value === value) === i);
}

export function modelWords({ title, installed, notice, defaults: { sampler, start, steps, eta } }: KnownModel): string {
  return [`**${title}**${installed ? '' : ', not installed'}`, ...(notice === undefined ? [] : [notice]), `Its own way: ${sampler} from step ${start} in ${steps} calls${sampler === 'ddim' ? `, eta ${eta}` : ''}.`].join('\n\n');
}
