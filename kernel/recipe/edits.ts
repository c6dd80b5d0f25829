import type { Fix, Problem, Span } from './problem.ts';

/** What stands in place of a part of a text. Several do not overlap, but the last of those of the same part holds. */
export interface Edit {
  readonly at: Span;
  readonly text: string;
}

/** A text with its edits, and the way back from it. */
export interface Mended {
  readonly text: string;
  /** A problem of the mended text as one of the text that was: its places there, and those of its fixes that mean the same there. */
  back<P extends Problem>(found: P): P;
}

export function mend(text: string, edits: readonly Edit[]): Mended {
  const sorted = ordered(edits);
  const mended = applied(text, sorted, 0, text.length);
  const offset = (where: number): number => {
    let moved = 0;
    for (const { at, text: added } of sorted) {
      const start = at.start + moved;
      if (where < start) break;
      if (where < start + added.length) return at.start;
      moved += added.length - (at.end - at.start);
    }
    return where - moved;
  };
  const span = ({ start, end }: Span): Span => ({ start: offset(start), end: Math.max(offset(start), offset(end)) });
  return {
    text: mended,
    back: (found) => ({
      ...found, at: span(found.at),
      fixes: found.fixes.map((fix) => ({ ...fix, at: span(fix.at), was: mended.slice(fix.at.start, fix.at.end) })).filter(({ at, was }) => text.slice(at.start, at.end) === was).map(({ title, at, text: other }) => ({ title, at, text: other })),
    }),
  };
}

/** Several edits as one. */
export function fixOf(text: string, title: string, edits: readonly Edit[]): Fix {
  const sorted = ordered(edits);
  const at = { start: sorted[0]!.at.start, end: Math.max(...sorted.map((one) => one.at.end)) };
  return { title, at, text: applied(text, sorted, at.start, at.end) };
}

function ordered(edits: readonly Edit[]): readonly Edit[] {
  const last = new Map(edits.filter(({ at }) => at.end > at.start).map((edit) => [edit.at.start, edit]));
  const inserted = edits.filter(({ at }) => at.end === at.start);
  return [...inserted, ...last.values()].sort((a, b) => a.at.start - b.at.start || a.at.end - b.at.end);
}

function applied(text: string, sorted: readonly Edit[], start: number, end: number): string {
  let [whole, from] = ['', start];
  for (const { at, text: other } of sorted) {
    whole += text.slice(from, at.start) + other;
    from = at.end;
  }
  return whole + text.slice(from, end);
}
