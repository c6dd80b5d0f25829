import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { kindsIn, type ActionKind } from '../actions.ts';
import type { Span } from '../problem.ts';
import { readYaml } from '../readYaml.ts';
import type { Quote } from './quoting.ts';
import { namesOf, scalarsOf, type FoundScalar } from './scalars.ts';

/** Where somebody writes, and what is written there already. The document need not be right: it seldom is while one types. */
export interface Caret {
  /** What stands before the caret of the word it is in, without quotes. */
  readonly prefix: string;
  /** The word that a completion replaces, without its quotes; in one line. */
  readonly at: Span;
  readonly quote: Quote | undefined;
  /** The quote is open to the end of the line. */
  readonly unclosed: boolean;
  readonly role: 'key' | 'value';
  /** From the action on to the value; for a key, to the mapping it is in. */
  readonly path: readonly (string | number)[];
  readonly kind: ActionKind | undefined;
  /** Keys beside it. */
  readonly siblings: readonly string[];
  /** The action it is in; values of keys may matter to others. */
  readonly action: YAMLMap | undefined;
  /** A key that has its colon. */
  readonly colon: boolean;
  /** Nothing but dashes stands before it in its line. */
  readonly firstInLine: boolean;
  readonly flow: boolean;
  /** The dash of a new entry is missing. */
  readonly dash: boolean;
  /** Names that actions before it gave, in their order: the latest counts. */
  readonly named: readonly { readonly name: string; readonly kind: ActionKind; readonly about: string }[];
}

/** Stands for what is being written: a word that no document has. */
const mark = 'difface-caret';

/** @param offset 0 .. length of the text; undefined where nothing is written, as in a comment */
export function caretAt(text: string, offset: number): Caret | undefined {
  const [before, after] = [text.slice(0, offset), text.slice(offset)];
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const rest = /^[^\n]*/.exec(after)![0];
  const blank = line.trim() === '' && rest.trim() === '';
  const inOneLine = (caret: Caret | undefined): Caret | undefined => (caret && !spansLines(caret, before, text) ? caret : undefined);
  const newEntry = (): Caret | undefined => (/^\s/.test(line) ? undefined : inOneLine(find(before, `- ${mark}`, after, true)));
  const found = inOneLine(find(before, mark, after));
  if (found) return found.role === 'value' && blank && found.path.length === 0 ? (newEntry() ?? found) : found;
  // a quote that is still open takes the lines below; a half-written key above, this one; a new entry lacks its dash
  for (const quote of ['"', "'"] as const) if (line.includes(quote)) {
    const closed = inOneLine(find(before, mark + quote, after));
    if (closed?.quote === quote) return { ...closed, unclosed: true };
  }
  if (!blank) return undefined;
  const key = inOneLine(find(withoutHalfKey(before), `${mark}: `, after));
  return key ? { ...key, colon: false } : newEntry();
}

/** Blanks a line above that is a word without a colon: YAML would take it for the beginning of the next key. */
function withoutHalfKey(before: string): string {
  return before.replace(/((?:^|\n)[ ]*(?:- +)?)([^\s:#-][^\s:]*)(\s*\n\s*)$/, (_all, start: string, word: string, end: string) => start + ' '.repeat(word.length) + end);
}

function spansLines({ at }: Caret, before: string, text: string): boolean {
  return text.slice(Math.min(at.start, before.length), at.end).includes('\n');
}

function find(before: string, written: string, after: string, dash = false): Caret | undefined {
  const { yaml } = readYaml(before + written + after);
  const actions = new Set<YAMLMap>();
  for (const scalar of scalarsOf(yaml)) {
    const { source } = scalar.node;
    if (typeof scalar.node.value === 'string' && (source ?? scalar.node.value).includes(mark)) return described(scalar, before, written, after, [...actions].flatMap((action) => (action === scalar.action ? [] : nameOf(action))), dash);
    if (scalar.action) actions.add(scalar.action);
  }
  return undefined;
}

function described({ node, role, path, action, map, flow }: FoundScalar, before: string, written: string, after: string, named: Caret['named'], dash: boolean): Caret | undefined {
  const quote = node.type === 'QUOTE_DOUBLE' ? '"' : node.type === 'QUOTE_SINGLE' ? "'" : undefined;
  const whole = before + written + after;
  const start = node.range[0] + (quote ? 1 : 0) - written.indexOf(mark);
  if (start < 0 || start > before.length) return undefined;             // YAML that is wrong enough has scalars of no place
  const closed = quote !== undefined && whole[node.range[1] - 1] === quote && node.range[1] - 1 > start;
  const end = Math.max(before.length, node.range[1] - (closed ? 1 : 0) - written.length + (closed && written.endsWith(quote) ? 1 : 0));
  const names = action ? namesOf(action).filter((name) => !name.includes(mark)) : [];
  return {
    prefix: before.slice(start), at: { start, end: Math.min(end, before.length + after.length) }, quote, unclosed: quote !== undefined && !closed, role, path, action,
    kind: kindsIn(names)[0], siblings: namesOf(map).filter((name) => !name.includes(mark)),
    colon: role === 'key' && /^\s*:(\s|$)/.test(whole.slice(node.range[1])),
    firstInLine: /^[\s-]*["']?$/.test(before.slice(before.lastIndexOf('\n') + 1, start)), flow, dash, named,
  };
}

/** The name that an action gives to its result. */
function nameOf(action: YAMLMap): Caret['named'] {
  const [kind] = kindsIn(namesOf(action));
  const name = valueOf(action, 'as');
  return kind === undefined || typeof name !== 'string' ? [] : [{ name, kind, about: aboutOf(action.get(kind, true)) }];
}

/** What an action is about, by the value of its kind: `portrait.png`, `a.png, b.png`. */
export function aboutOf(about: unknown): string {
  return (isSeq(about) ? about.items : [about]).flatMap((one) => (isScalar(one) && !isMap(one) ? [String(one.value)] : [])).join(', ');
}

/** The plain value of a key. */
export function valueOf(action: YAMLMap | undefined, name: string): unknown {
  const value = action?.get(name, true) as unknown;
  return isScalar(value) ? value.value : undefined;
}
