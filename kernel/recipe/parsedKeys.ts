import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { ParsedKey } from './parsed.ts';
import { spanIn, spanOf } from './spans.ts';

/** A key of a mapping, and where it and its value stand. */
export function parsedKey(text: string, { key, value }: Pair<Node, Node | null>): ParsedKey {
  const at = spanOf(text, key);
  const name = isScalar(key) ? String(key.value) : text.slice(at.start, at.end);
  return { name, at, node: value, value: value?.range ? spanIn(text, value.range[0], value.range[1]) : { start: at.end, end: at.end } };
}

/** The keys of the mapping that a path inside of a key's value leads to; none where it leads to something else. */
export function keysInside(text: string, { node }: ParsedKey, path: readonly PropertyKey[]): readonly ParsedKey[] {
  const inner = path.reduce<unknown>((outer, step) => (isSeq(outer) || isMap(outer) ? outer.get(step, true) : undefined), node);
  return isMap(inner) ? inner.items.map((pair) => parsedKey(text, pair as Pair<Node, Node | null>)) : [];
}
