import type { z } from 'zod';

/** What an issue says to a person: its schema's own words, or, where the schema has none, what kind of value is expected. Begins with the key it is about. */
export function issueWords(issue: z.core.$ZodIssue, value: unknown): string {
  const name = pathWords(issue.path);
  if (issue.path.length > 1 && valueAt(value, issue.path) === undefined) return `${name} is missing`;
  return `${name}: ${ownWords(issue) ? issue.message : kindWords(issue)}`;
}

/** `'metrics', entry 2`: what leads to a value inside of an action; entries of lists count from 1, as all that people read. */
export function pathWords(path: readonly PropertyKey[]): string {
  return path.map((step) => (typeof step === 'number' ? `entry ${step + 1}` : `'${String(step)}'`)).join(', ');
}

/** `a, b or c`. */
export function listed(words: readonly string[], last: 'or' | 'and' = 'or'): string {
  return words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)!}`;
}

/** The library's own messages begin with one of these. */
function ownWords({ message }: z.core.$ZodIssue): boolean {
  return !/^(Invalid|Unrecognized|Too (big|small)|Expected)/.test(message);
}

function kindWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${kinds[issue.expected] ?? 'another kind of value'} is expected`;
    case 'too_small':
      return `at least ${issue.minimum} ${counted(issue.origin, issue.minimum)} expected`;
    case 'too_big':
      return `at most ${issue.maximum} ${counted(issue.origin, issue.maximum)} expected`;
    case 'unrecognized_keys':
      return `there is no ${issue.keys.map((key) => `'${key}'`).join(', ')} in it`;
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'invalid_value':
    case 'custom':
      return 'another value is expected';
    default:
      return issue satisfies never;
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', tuple: 'a list', object: 'a mapping, keys with values,', record: 'a mapping, keys with values,',
};

function counted(origin: string, count: number | bigint): string {
  const one = Number(count) === 1;
  return origin === 'array' || origin === 'tuple' ? (one ? 'value is' : 'values are') : one ? 'is' : 'are';
}

/** What a path leads to inside of an action; undefined where it leads nowhere. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, step) => (typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[step] : undefined), value);
}
