import type { ParsedKey, ParsedRecipe } from '../parsed.ts';
import type { Span } from '../problem.ts';

export interface Entry {
  readonly name: string;
  readonly detail: string;
  readonly at: Span;
  /** What is shown when it is chosen. */
  readonly title: Span;
  readonly keys: readonly Omit<Entry, 'keys'>[];
}

/** The actions of a document and their keys. */
export function outline({ text, actions }: ParsedRecipe): readonly Entry[] {
  return actions.map(({ kind, keys, at }) => {
    const about = keys.find(({ name }) => name === kind) ?? keys[0];
    return {
      ...(about ? described(text, about) : { name: 'nothing', detail: '', title: at }), at: { start: at.start, end: Math.max(at.end, ...keys.map(({ value }) => value.end)) },
      keys: keys.filter((key) => key !== about).map((key) => ({ ...described(text, key), at: { start: key.at.start, end: Math.max(key.at.end, key.value.end) } })),
    };
  });
}

function described(text: string, { name, at, value }: ParsedKey): Pick<Entry, 'name' | 'detail' | 'title'> {
  // an editor refuses a symbol without a name
  return { name: name.trim() === '' ? "''" : name, detail: text.slice(value.start, value.end).split('\n')[0]!.slice(0, 80), title: at };
}
