import { resolve } from 'node:path';
import type { ActionOutcome, Shown } from '../recipe/outcome.ts';
import { oneLine, visible } from './visible.ts';

/** What a person at a terminal reads: everything that is shown, in words, then where the files lie. @param folder paths are relative to it */
export function outcomeWords({ shown, links, notes }: ActionOutcome, folder: string): string {
  return visible([...shown.map(textOf), ...links.map(({ path }) => `  ${oneLine(resolve(folder, path))}`), ...notes.map((note) => `  ${oneLine(note)}`), ''].join('\n'));
}

/** Names of files with line breaks tear neither sentences nor rows. */
function textOf(shown: Shown): string {
  switch (shown.kind) {
    case 'picture':
    case 'clip':
    case 'strip':
      return oneLine(shown.text);
    case 'grid':
      return withOneLine(shown.text, [shown.title, ...shown.rows, ...shown.columns]);
    case 'table':
      return withOneLine(shown.text, [shown.title, ...shown.rows.flat().filter((cell) => typeof cell === 'string')]);
    case 'plot':
      return withOneLine(shown.text, [shown.title, ...shown.lines.map(({ title }) => title)]);
    default:
      return shown satisfies never;
  }
}

function withOneLine(text: string, names: readonly string[]): string {
  return names.filter((name) => name.includes('\n')).sort((a, b) => b.length - a.length).reduce((whole, name) => whole.replaceAll(name, () => oneLine(name)), text);
}
