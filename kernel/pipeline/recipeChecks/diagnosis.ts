import { isScalar } from 'yaml';
import type { ParsedAction, ParsedKey } from '../../recipe/parsed.ts';
import type { Diagnosis, Problem, Span } from '../../recipe/problem.ts';

/** A value that is written as a text, and where. */
export interface Text {
  readonly value: string;
  readonly at: Span;
}

/** The texts that stand behind a key: one, or none. */
export function texts(keys: readonly ParsedKey[], name: string): readonly Text[] {
  return keys.flatMap(({ name: other, node, value }) => (other === name && isScalar(node) && typeof node.value === 'string' && node.value !== '' ? [{ value: node.value, at: value }] : []));
}

/** Where an action says something: the key, or the one that says what is done where that is not there. */
export function placeOf({ kind, keys, at }: ParsedAction, option: string): Span {
  return (keys.find(({ name }) => name === option) ?? keys.find(({ name }) => name === kind))?.at ?? at;
}

export function error(code: Problem['code'], message: string, at: Span, more: Partial<Pick<Diagnosis, 'fixes' | 'install'>> = {}): Diagnosis {
  return { severity: 'error', code, message, at, fixes: [], ...more };
}

export function warning(code: Problem['code'], message: string, at: Span): Diagnosis {
  return { severity: 'warning', code, message, at, fixes: [] };
}
