import { isScalar } from 'yaml';
import { nameReferences, type NameReference } from '../names.ts';
import type { ParsedRecipe } from '../parsed.ts';
import type { Span } from '../problem.ts';
import type { KnownName } from './surroundings.ts';

/** A place where a name stands: behind `as:`, or as `$name`. The span is the name alone. */
export interface NamePlace extends NameReference {
  readonly role: 'given' | 'used';
}

/** Every place of a document where a result's name stands, in the order of the text. */
export function namePlaces({ text, actions }: ParsedRecipe): readonly NamePlace[] {
  return actions.flatMap(({ keys }) => [
    ...nameReferences(keys).map(({ name, at }): NamePlace => ({ name, at: bare(text, at, '$'), role: 'used' })),
    ...keys.flatMap(({ name, node, value }): readonly NamePlace[] => (name === 'as' && isScalar(node) && typeof node.value === 'string' ? [{ name: node.value, at: bare(text, value, ''), role: 'given' }] : [])),
  ]).sort((a, b) => a.at.start - b.at.start);
}

export function namePlaceAt(recipe: ParsedRecipe, offset: number): NamePlace | undefined {
  return namePlaces(recipe).find(({ at, role }) => offset >= at.start - (role === 'used' ? 1 : 0) && offset <= at.end);
}

function bare(text: string, { start, end }: Span, sign: string): Span {
  const quote = /["']/.test(text[start] ?? '') ? 1 : 0;
  return { start: Math.min(end, start + quote + sign.length), end: Math.max(start, end - quote) };
}

/** Names that a document gives to results, for the documents after it. */
export function givenNames({ text, actions }: ParsedRecipe): readonly KnownName[] {
  return actions.flatMap(({ kind, keys, action }) => {
    const [as, about] = [keys.find(({ name }) => name === 'as')?.node, keys.find(({ name }) => name === kind)?.value];
    return kind !== undefined && about && isScalar(as) && typeof as.value === 'string' ? [{ name: as.value, kind, about: text.slice(about.start, about.end).split('\n')[0]!, ...(action ? { action } : {}) }] : [];
  });
}
