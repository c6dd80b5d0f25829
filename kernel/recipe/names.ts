import { isScalar, isSeq, type Node, type Scalar } from 'yaml';
import { actionKinds } from './actions.ts';
import type { ParsedKey } from './parsed.ts';
import type { Span } from './problem.ts';
import { keysOf } from './valueShape.ts';
import { wordsOf } from './words.ts';

/** Keys whose values are files or names of results. */
const fileKeys = new Set(actionKinds.flatMap((kind) => Object.entries(keysOf(kind)).filter(([, schema]) => wordsOf(schema)?.completes === 'picture or clip').map(([name]) => name)));

/** The name in `$name`; undefined for a path. */
export function nameIn(value: string): string | undefined {
  return value.startsWith('$') ? value.slice(1) : undefined;
}

export interface FileValue {
  readonly value: string;
  readonly at: Span;
  /** Behind `|` and `>` YAML ends it with a line break, which is not in `value`: hardly a file has one in its name. */
  readonly broken: boolean;
}

/** Values of an action that are files or `$name`s, and where they stand. */
export function fileValues(keys: readonly ParsedKey[]): readonly FileValue[] {
  return keys.filter(({ name }) => fileKeys.has(name)).flatMap(({ node }) => (isSeq(node) ? node.items as readonly Node[] : [node]).flatMap((item) => (
    isScalar(item) && typeof item.value === 'string' && item.range ? [fileValue(item as Scalar<string>, item.range)] : []
  )));
}

function fileValue({ value, type }: Scalar<string>, [start, end]: readonly number[]): FileValue {
  const path = type?.startsWith('BLOCK') === true ? value.replace(/\n+$/, '') : value;
  return { value: path, at: { start: start!, end: end! }, broken: path !== value };
}

export interface NameReference {
  readonly name: string;
  readonly at: Span;
}

export function nameReferences(keys: readonly ParsedKey[]): readonly NameReference[] {
  return fileValues(keys).flatMap(({ value, at }) => {
    const name = nameIn(value);
    return name === undefined ? [] : [{ name, at }];
  });
}
