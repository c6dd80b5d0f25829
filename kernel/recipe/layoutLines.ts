import { gluedKey } from './gluedKeys.ts';
import type { Span } from './problem.ts';
import { withoutComment } from './quotes.ts';

/** A line of a recipe as a person sees it: white space, dashes, a key, a value. */
export interface LayoutLine {
  readonly start: number;
  /** Behind its last sign, before the line break. */
  readonly end: number;
  /** White space at its beginning. */
  readonly lead: string;
  /** `- `, for each list that begins here. */
  readonly dashes: string;
  /** The space behind its dash is missing before a key: `dashes` has it. */
  readonly tight: boolean;
  /** Before a colon; undefined where none stands here. */
  readonly key: string | undefined;
  /** Behind the colon; behind the dashes where there is no key. Without a comment. */
  readonly value: string;
  readonly valueStart: number;
  readonly blank: boolean;
}

const keyed = /^("[^"]*"|'[^']*'|[\p{L}_<][\p{L}\p{N}_<-]*)[ \t]*:(?=[ \t]|$)/u;

export function layoutLines(text: string): readonly LayoutLine[] {
  let start = 0;
  return text.split('\n').map((whole) => {
    const line = whole.trimEnd();
    const [lead = ''] = /^[ \t]*/.exec(line) ?? [];
    const [dashes = ''] = /^(?:-[ \t]+)*/.exec(line.slice(lead.length)) ?? [];
    const behindDashes = line.slice(lead.length + dashes.length);
    const tight = dashes === '' && /^-\p{L}/u.test(behindDashes) && (keyed.test(behindDashes.slice(1)) || gluedKey(behindDashes.slice(1)) !== undefined);
    const rest = behindDashes.slice(tight ? 1 : 0);
    const [named, key] = keyed.exec(rest) ?? [];
    const behind = rest.slice(named?.length ?? 0);
    const read = {
      start, end: start + line.length, lead, dashes: tight ? '- ' : dashes, tight, key, value: withoutComment(behind), valueStart: start + line.length - behind.trimStart().length, blank: (rest === '' && dashes === '') || rest.startsWith('#'),
    };
    start += whole.length + 1;
    return read;
  });
}

/** The column of its key, or of its value where it has none, counted from 0; behind a dash as if that had its space. */
export function columnOf({ lead, dashes }: LayoutLine): number {
  return lead.length + dashes.length;
}

/** Where its key stands, or its value where it has none. */
export function wordOf(line: LayoutLine): Span {
  const from = line.key === undefined ? line.valueStart : line.start + columnOf(line) - (line.tight ? 1 : 0);
  return { start: from, end: from + Math.max(1, (line.key ?? line.value).length) };
}
