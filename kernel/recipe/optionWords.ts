import type { z } from 'zod';
import { restoreOptions } from './restoreOptions.ts';
import { rangeOf } from './valueShape.ts';
import { wordsOf } from './words.ts';

/** An option as whoever offers it to a person needs it. */
export interface OptionWords {
  readonly title: string;
  readonly meaning: string;
  readonly unit?: string;
  /** Of numbers. */
  readonly low?: number;
  readonly high?: number;
  /** What each word means, of options that take words; in the order in which they are offered. */
  readonly choices?: readonly { readonly value: string; readonly meaning: string }[];
  /** What holds where it is left out. */
  readonly otherwise?: string;
}

export type RestoreOptionName = keyof typeof restoreOptions;

/** Every option of a restoration in words, with its range. */
export const optionWords: Readonly<Record<RestoreOptionName, OptionWords>> = Object.fromEntries(Object.entries(restoreOptions).map(([name, schema]) => [name, wordsFor(schema)])) as never;

function wordsFor(schema: z.ZodType): OptionWords {
  const { title, meaning, unit, otherwise, choices } = wordsOf(schema)!;
  const plain = (text: string): string => text.replaceAll('`', '');
  return {
    title, meaning: plain(meaning), ...(unit === undefined ? {} : { unit }), ...rangeOf(schema), ...(otherwise === undefined ? {} : { otherwise: plain(otherwise) }),
    ...(choices ? { choices: Object.entries(choices).map(([value, says]) => ({ value, meaning: plain(says) })) } : {}),
  };
}
