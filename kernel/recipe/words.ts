import type { z } from 'zod';

/** What a person is told about a key of a recipe: in completions and hovers, on the command line, in the editor's options and in the documentation. */
export interface KeyWords {
  /** A label of few words: "Start step". */
  readonly title: string;
  /** What it means: a sentence or two. */
  readonly meaning: string;
  readonly unit?: string;
  /** What holds where it is left out. */
  readonly otherwise?: string;
  /** The same as a value, where it is one, whatever the model is; `otherwise` says it where that has no other words. */
  readonly standing?: string | number | boolean | readonly [];
  /** Where it comes from: paper and section or equation. */
  readonly source?: string;
  /** What each of its words means, where it takes words. */
  readonly choices?: Readonly<Record<string, string>>;
  /** What kind of value is completed, where its type does not say it. */
  readonly completes?: 'picture or clip' | 'model' | 'device' | 'folder' | 'name';
}

const declared = new WeakMap<z.ZodType, KeyWords>();

/** Declares a key: its type and range are its schema's. Keys of one type have a schema each, since words belong to the key. */
export function key<S extends z.ZodType>(schema: S, words: KeyWords): S {
  const own = schema.clone();
  const { standing, otherwise = standing === undefined ? undefined : typeof standing === 'string' ? `\`${standing}\`` : String(standing) } = words;
  declared.set(own, otherwise === undefined ? words : { ...words, otherwise });
  return own;
}

/** The words of a declared key. @param schema as `key` returned it, or optional */
export function wordsOf(schema: z.ZodType): KeyWords | undefined {
  const words = declared.get(schema);
  const inner = (schema as { readonly def?: { readonly innerType?: z.ZodType } }).def?.innerType;
  return words ?? (inner && wordsOf(inner));
}
