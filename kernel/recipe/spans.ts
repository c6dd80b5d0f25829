import { isMap, isSeq, type Node } from 'yaml';
import type { ParsedKey } from './parsed.ts';
import type { Span } from './problem.ts';

/** Without the white space at its end, and inside of the text. */
export function spanIn(text: string, from: number, to: number): Span {
  const start = Math.max(0, Math.min(from, text.length));
  const end = Math.max(start, Math.min(to, text.length));
  return { start, end: start + text.slice(start, end).trimEnd().length };
}

/** Of a node; of the first sign where there is none. */
export function spanOf(text: string, node: Node | null | undefined): Span {
  return node?.range ? spanIn(text, node.range[0], node.range[1]) : { start: 0, end: Math.min(1, text.length) };
}

/** The place of what a path leads to inside of a key's value; of what is nearest above it where it leads nowhere. */
export function spanInside(text: string, { node, value }: ParsedKey, path: readonly PropertyKey[]): Span {
  let [inner, at] = [node, value];
  for (const step of path) {
    const next = isSeq(inner) || isMap(inner) ? inner.get(step, true) as Node | undefined : undefined;
    if (!next?.range) break;
    [inner, at] = [next, spanIn(text, next.range[0], next.range[1])];
  }
  return at;
}
