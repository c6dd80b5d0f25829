import type { z } from 'zod';
import type { ActionKind } from './actions.ts';
import { issueWords, valueAt } from './issueWords.ts';
import type { ParsedKey } from './parsed.ts';
import { problem, type Problem, type Span } from './problem.ts';
import { spanInside } from './spans.ts';
import { unknownKeys } from './unknownKeys.ts';
import { valueFix } from './valueFix.ts';
import { schemaAt, shapeOf } from './valueShape.ts';

/** What a schema says against an action's values, each where it stands. @param at of the action */
export function issueProblems(text: string, issue: z.core.$ZodIssue, value: unknown, keys: readonly ParsedKey[], kind: ActionKind, at: Span): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') return unknownKeys(text, issue, keys, kind, at);
  const [name, ...inside] = issue.path;
  const found = keys.find((one) => one.name === name);
  if (!found) return [problem('key', `'${String(name)}' is missing`, keys[0]?.at ?? at)];
  const schema = schemaAt(kind, issue.path as readonly (string | number)[]);
  const given = valueAt(value, issue.path);
  const entries = entryIssues(issue, schema, given);
  if (entries.length > 0) return entries.flatMap((entry) => issueProblems(text, entry, value, keys, kind, at));
  const where = spanInside(text, found, inside);
  const missing = inside.length > 0 && given === undefined;
  const fix = schema && !missing ? valueFix(schema, given, where, text.slice(where.start, where.end)) : undefined;
  return [problem('value', issueWords(issue, value), where.end > where.start ? where : found.at, fix ? [fix] : [])];
}

/** Of a value that may be one or a list: what is wrong with the entries of the list, which the library does not tell of a choice between two kinds of value. */
function entryIssues({ code, path }: z.core.$ZodIssue, schema: z.ZodType | undefined, given: unknown): readonly z.core.$ZodIssue[] {
  const element = schema && shapeOf(schema).element;
  if (code !== 'invalid_union' || !element || !Array.isArray(given)) return [];
  return given.flatMap((one, i) => (element.safeParse(one).error?.issues ?? []).slice(0, 1).map((issue) => ({ ...issue, path: [...path, i, ...issue.path] })));
}
