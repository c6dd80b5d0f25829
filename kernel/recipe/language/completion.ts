import type { z } from 'zod';
import { actionKinds, actionMeanings } from '../actions.ts';
import { keyAt, keysOf, schemaAt, shapeOf } from '../valueShape.ts';
import { wordsOf } from '../words.ts';
import { caretAt, type Caret } from './caret.ts';
import type { Completion } from './completed.ts';
import { pathCompletions } from './pathCompletion.ts';
import type { EditedSurroundings } from './surroundings.ts';
import { valueCompletions } from './valueCompletion.ts';
import { keyWords } from './words.ts';

/** What may be written at the caret: the document need not be right. */
export async function complete(text: string, offset: number, around: EditedSurroundings): Promise<readonly Completion[]> {
  const caret = caretAt(text, offset);
  return caret ? [...await offers(caret, around)].sort((a, b) => a.order - b.order) : [];
}

async function offers(caret: Caret, around: EditedSurroundings): Promise<readonly Completion[]> {
  if (caret.role === 'key' || caret.path.length === 0) return caret.path.length === 0 ? [...actions(caret), ...keys(caret, caret.kind && keysOf(caret.kind))] : keys(caret, fieldsAt(caret));
  const schema = caret.kind && schemaAt(caret.kind, caret.path);
  if (!schema) return [];
  const { schema: keySchema } = keyAt(caret.kind, caret.path);           // words of a list are for each of its values
  const words = keySchema && wordsOf(keySchema);
  const { fields, element } = shapeOf(schema);
  return [
    ...await valueCompletions(caret, schema, words, around),
    ...(words?.completes === 'picture or clip' || words?.completes === 'folder' || words?.completes === 'model' ? await pathCompletions(caret, words.completes, around) : []),
    ...(fields && caret.firstInLine && caret.quote === undefined ? keys(caret, fields) : []),
    ...(fields && !caret.firstInLine && caret.prefix === '' ? example(caret, fields) : []),
    ...(element && typeof caret.path.at(-1) === 'string' && caret.prefix === '' && caret.quote === undefined ? list(caret, element) : []),
  ];
}

function fieldsAt({ kind, path }: Caret): Readonly<Record<string, z.ZodType>> | undefined {
  const schema = kind && schemaAt(kind, path);
  return schema && shapeOf(schema).fields;
}

function actions(caret: Caret): readonly Completion[] {
  if (caret.kind !== undefined) return [];
  return actionKinds.map((kind, i) => ({ ...written(caret, kind, ': '), kind: 'action', detail: 'action', documentation: actionMeanings[kind], again: !isAlone(caret), order: i }));
}

function keys(caret: Caret, known: Readonly<Record<string, z.ZodType>> | undefined): readonly Completion[] {
  if (!known || caret.dash) return [];
  // `locked` is what a restoration writes
  return Object.entries(known).filter(([name]) => !caret.siblings.includes(name) && name !== 'locked' && name !== caret.kind).map(([name, schema], i) => {
    const value = startOf(name, schema);
    const words = wordsOf(schema);
    return { ...written(caret, name, `: ${value ?? ''}`), kind: 'key', detail: words?.title ?? '', documentation: keyWords(name, schema), snippet: value !== undefined && !isAlone(caret), again: value === undefined && !isAlone(caret), order: 10 + i };
  });
}

/** Nothing is written behind the key: its colon stands there, or it is between quotes, and the colon belongs behind them. */
function isAlone({ colon, quote, unclosed }: Caret): boolean {
  return colon || (quote !== undefined && !unclosed);
}

/** A key with what follows it; with the dash of a new entry where it lacks one. */
function written(caret: Caret, name: string, after: string): Pick<Completion, 'label' | 'filter' | 'at' | 'text' | 'snippet'> {
  const text = isAlone(caret) ? name : name + (caret.quote ?? '') + after;
  return { label: name, filter: name, at: caret.at, text: caret.dash ? `- ${text}` : text, snippet: false };
}

/** Values that show how lists and mappings are written. */
const examples: Readonly<Record<string, string>> = {
  blend: '{seeds: ${1:8}, above: ${2:0.1}}', formats: '[${1:png}]', metrics: '[${1:psnr}, ${2:ssim}]',
};
const axes: Readonly<Record<string, string>> = { sampler: '[${1:ddim, dpm++}]', start: '[${1:50, 100, 150}]', steps: '[${1:5, 10, 20}]', eta: '[${1:0, 0.5, 1}]', seed: '[${1:1, 2, 3}]' };

/** A value to begin with, as a snippet; undefined where the choices say it. */
function startOf(name: string, schema: z.ZodType): string | undefined {
  const { choices, element, fields } = shapeOf(schema);
  if (Object.hasOwn(axes, name) && element) return axes[name];
  if (Object.hasOwn(examples, name)) return examples[name];
  if (choices.length > 0 || element || fields) return undefined;
  const number = Number(wordsOf(schema)?.otherwise ?? Number.NaN);
  return Number.isFinite(number) ? `\${1:${number}}` : undefined;
}

function example(caret: Caret, fields: Readonly<Record<string, z.ZodType>>): readonly Completion[] {
  const name = String(caret.path.at(-1));
  if (!Object.hasOwn(examples, name)) return [];
  const label = `{${Object.keys(fields).join(', ')}}`;
  return [{ label, filter: label, kind: 'choice', detail: '', at: caret.at, text: examples[name]!, snippet: true, again: false, order: 90 }];
}

function list(caret: Caret, element: z.ZodType): readonly Completion[] {
  const [first] = shapeOf(element).choices;
  if (first === undefined) return [];
  const text = caret.flow ? undefined : examples[String(caret.path[0])] ?? axes[String(caret.path[0])];
  return text === undefined ? [] : [{ label: text.replace(/\$\{\d+:([^}]*)\}/g, '$1'), filter: '[', kind: 'choice', detail: 'list', at: caret.at, text, snippet: true, again: false, order: 90 }];
}

