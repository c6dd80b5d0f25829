import { InvalidArgumentError, Option } from 'commander';
import type { z } from 'zod';
import { flagOf } from '../recipe/commandLineFlag.ts';
import { shapeOf } from '../recipe/valueShape.ts';
import { wordsOf } from '../recipe/words.ts';

export interface RecipeOption {
  /** With its dashes, where it is not the key's. */
  readonly flag?: string;
  readonly short?: string;
  /** What holds where it is left away, if the command has another mind than recipes. */
  readonly otherwise?: string;
}

/**
 * The option of a command line for a key of recipes: meaning, range and choices are declared there, once. What is written is read by the key's schema.
 * @param schema as `key` returned it, or optional
 */
export function recipeOption(name: string, schema: z.ZodType, { flag = flagOf(name), short, otherwise }: RecipeOption = {}): Option {
  const words = wordsOf(schema);
  if (!words) throw new Error(`the key '${name}' is not declared`);
  const inner = unwrapped(schema);
  const value = inner.def.type === 'boolean' ? '' : ` <${placeholder(inner, words.completes)}>`;
  const automatic = words.choices?.['auto'];
  const holds = otherwise ?? words.otherwise;
  const choices = wordsIn(inner);
  const several = inner.def.type === 'array' ? `: one or more of ${choices.join(', ')}` : '';
  const said = [`${words.meaning.replace(/\.$/, '')}${several}${automatic === undefined ? '' : `; auto: ${automatic}`}`, holds === undefined || inner.def.type === 'boolean' ? '' : ` (default: ${holds})`];
  const option = new Option(`${short === undefined ? '' : `-${short}, `}${flag}${value}`, said.join('').replaceAll('`', ''));
  if (inner.def.type === 'enum') return option.choices([...choices]);
  if (inner.def.type === 'boolean' || inner.def.type === 'string') return option;       // a text is checked where it is used
  return option.argParser((text) => parsed(text, schema, choices));
}

/** Reads what stands on a command line: a word, a number, or several with commas between them. */
function parsed(text: string, schema: z.ZodType, choices: readonly string[]): unknown {
  const parts = text.split(',').map((part) => valueOf(part.trim()));
  for (const value of [valueOf(text), parts]) {
    const { success, data } = schema.safeParse(value);
    if (success) return Array.isArray(data) ? [...new Set(data)] : data;
  }
  const wrong = choices.length === 0 ? undefined : parts.find((part) => !choices.includes(String(part)));
  if (wrong !== undefined) throw new InvalidArgumentError(`'${String(wrong)}' is none of ${choices.join(', ')}`);
  throw new InvalidArgumentError(schema.safeParse(valueOf(text)).error?.issues[0]?.message ?? 'it is not understood');
}

function valueOf(text: string): string | number {
  return text.trim() === '' || !Number.isFinite(Number(text)) ? text : Number(text);
}

/** Words that an enumeration, or a list of one, consists of. */
function wordsIn(schema: z.ZodType): readonly string[] {
  const { choices, element } = shapeOf(schema);
  return element ? wordsIn(element) : choices.filter((choice) => typeof choice === 'string');
}

function unwrapped(schema: z.ZodType): z.ZodType {
  const { innerType } = schema.def as { readonly innerType?: z.ZodType };
  return innerType ? unwrapped(innerType) : schema;
}

function placeholder(schema: z.ZodType, completes: string | undefined): string {
  if (completes === 'folder') return 'folder';
  return ({ number: 'number', array: 'names', string: 'name' } as Readonly<Record<string, string>>)[schema.def.type] ?? 'which';
}
