import type { Span } from '../problem.ts';
import type { Caret } from './caret.ts';
import { inside, quoted } from './quoting.ts';

/** Something that may be written at a caret. */
export interface Completion {
  readonly label: string;
  readonly kind: 'action' | 'key' | 'choice' | 'number' | 'name' | 'file' | 'folder' | 'model' | 'device';
  readonly detail: string;
  /** Markdown. */
  readonly documentation?: string;
  /** What it replaces. */
  readonly at: Span;
  readonly text: string;
  /** What is compared with what is written already. */
  readonly filter: string;
  /** The text has places to fill in, as `${1:value}`. */
  readonly snippet: boolean;
  /** Afterwards there is more to choose from. */
  readonly again: boolean;
  /** Lower comes first. */
  readonly order: number;
}

/** A text as a value at the caret, between the quotes that are there or with those it needs. */
export function valueText({ quote, unclosed, flow }: Caret, value: string, goesOn = false): { readonly text: string; readonly snippet: boolean } {
  if (quote) return { text: inside(value, quote) + (unclosed && !goesOn ? quote : ''), snippet: false };
  const text = quoted(value, flow);
  if (!goesOn || text === value) return { text, snippet: false };
  // a folder between quotes: the caret stays before the closing one
  return { text: `${text.slice(0, -1).replace(/[\\$}]/g, '\\$&')}$0${text.slice(-1)}`, snippet: true };
}
