import { isScalar } from 'yaml';
import { nameReferences, type NameReference } from '../names.ts';
import type { ParsedRecipe } from '../parsed.ts';
import type { Span } from '../problem.ts';
import { aboutOf } from './caret.ts';
import type { KnownName } from './surroundings.ts';

/** A place where a name stands: behind `as:`, or as `$name`. The span is the name alone. */
export interface NamePlace extends NameReference {
  readonly role: 'given' | 'used';
  /** Which action it stands in, counted from 0. */
  readonly action: number;
}

/** Every place of a document where a result's name stands, in the order of the text. */
export function namePlaces({ text, actions }: ParsedRecipe): readonly NamePlace[] {
  return actions.flatMap(({ keys }, action) => [
    ...nameReferences(keys).map(({ name, at }): NamePlace => ({ name, at: bare(text, at, '$'), role: 'used', action })),
    ...keys.flatMap(({ name, node, value }): readonly NamePlace[] => (name === 'as' && isScalar(node) && typeof node.value === 'string' ? [{ name: node.value, at: bare(text, value, ''), role: 'given', action }] : [])),
  ]).sort((a, b) => a.at.start - b.at.start);
}

export function namePlaceAt(recipe: ParsedRecipe, offset: number): NamePlace | undefined {
  return namePlaces(recipe).find(({ at, role }) => offset >= at.start - (role === 'used' ? 1 : 0) && offset <= at.end);
}

function bare(text: string, { start, end }: Span, sign: string): Span {
  const quote = /["']/.test(text[start] ?? '') ? 1 : 0;
  return { start: Math.min(end, start + quote + sign.length), end: Math.max(start, end - quote) };
}

/** Where the result got its name that is meant at a place: the latest that did counts. Undefined where no action of the document gave it before. */
export function givenBefore(recipe: ParsedRecipe, place: Pick<NamePlace, 'name' | 'action'>): NamePlace | undefined {
  return namePlaces(recipe).findLast(({ name, role, action }) => name === place.name && role === 'given' && action < place.action);
}

/** Names that the actions of a document give to results, those before a place in the text; all where it is absent. */
export function givenNames({ actions }: ParsedRecipe, before = Infinity): readonly KnownName[] {
  return actions.filter(({ at }) => at.end < before).flatMap(({ kind, keys, action }) => {
    const [as, about] = [keys.find(({ name }) => name === 'as')?.node, keys.find(({ name }) => name === kind)];
    return kind !== undefined && about && isScalar(as) && typeof as.value === 'string' ? [{ name: as.value, kind, about: aboutOf(about.node), ...(action ? { action } : {}) }] : [];
  });
}
