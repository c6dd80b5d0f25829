import type { ParsedKey } from './parsed.ts';
import type { Fix, Span } from './problem.ts';

/** Longer titles are read by nobody. */
const longestTitle = 60;

export function replacing(at: Span, from: string, to: string): Fix {
  const title = `Change '${from}' to '${to}'`;
  return { title: title.length > longestTitle || /[\r\n]/.test(title) ? `Change it to '${to}'` : title, at, text: to };
}

/** Takes a key away, with its line where nothing else stands there. */
export function removing(text: string, { name, at, value }: ParsedKey): Fix {
  const lineStart = text.lastIndexOf('\n', at.start - 1) + 1;
  const next = text.indexOf('\n', value.end);
  const lineEnd = next === -1 ? text.length : next + 1;
  const comma = /^\s*,[ ]*/.exec(text.slice(value.end))?.[0].length ?? 0;
  const alone = /^[ ]*$/.test(text.slice(lineStart, at.start)) && /^\s*(#.*)?$/.test(text.slice(value.end, lineEnd));
  return { title: `Remove '${name}'`, at: alone ? { start: lineStart, end: lineEnd } : { start: at.start, end: value.end + comma }, text: '' };
}
