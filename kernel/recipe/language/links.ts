import { fileValues, nameIn } from '../names.ts';
import type { ParsedRecipe } from '../parsed.ts';
import type { Span } from '../problem.ts';
import { resolved } from './paths.ts';
import type { Surroundings } from './surroundings.ts';

/** A file that the document names and that is there. */
export interface Link {
  readonly at: Span;
  /** Absolute. */
  readonly path: string;
}

export async function links({ text, actions }: ParsedRecipe, around: Surroundings): Promise<readonly Link[]> {
  const named = actions.flatMap(({ keys }) => fileValues(keys)).filter(({ value }) => value !== '' && nameIn(value) === undefined);
  const found = await Promise.all(named.map(async ({ value, at }): Promise<readonly Link[]> => {
    const path = resolved(value, around);
    const entry = path === undefined ? undefined : await around.entry(path);
    const quote = /["']/.test(text[at.start] ?? '') ? 1 : 0;
    return path === undefined || !entry || entry.kind === 'folder' ? [] : [{ path, at: { start: at.start + quote, end: at.end - quote } }];
  }));
  return found.flat();
}
