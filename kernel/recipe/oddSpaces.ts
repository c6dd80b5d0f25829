import type { Edit } from './edits.ts';
import type { LayoutSlip } from './layoutSlip.ts';

/** Signs that look like a space, or like nothing, in a set of a regular expression. */
export const oddSpace = '\u00A0\u2000-\u200B\u202F\u3000';
const beginning = new RegExp(`^(?:[ \\t${oddSpace}]|-(?=[ \\t${oddSpace}]))*`, 'gmu');
const odd = new RegExp(`[${oddSpace}]`, 'gu');
/** No recipe that a person wrote has more. */
const mostSpaces = 10_000;
/** How wide others are than one column. */
const widths: Readonly<Record<string, string>> = { '\u3000': '  ', '\u200B': '' };

/** Lines that begin with spaces that YAML takes for letters, as word processors and web pages have them. */
export function oddSpaces(text: string): LayoutSlip | undefined {
  const edits = [...text.matchAll(beginning)].flatMap(({ 0: lead, index }) => [...lead.matchAll(odd)].map(({ 0: sign, index: i }): Edit => ({ at: { start: index + i, end: index + i + 1 }, text: widths[sign] ?? ' ' }))).slice(0, mostSpaces);
  const [first] = edits;
  return first && { message: 'this space is none that YAML knows, as word processors write them: write a plain one', at: first.at, fix: edits.length === 1 ? 'Write a plain space' : 'Write plain spaces', edits };
}
