import type { ParsedRecipe } from './parsed.ts';
import { lineAndColumn } from './summary.ts';

/** Lines of a document, counted from 1; both are meant. */
export interface Lines {
  readonly first: number;
  readonly last: number;
}

/** The lines on which each action stands: from its dash to its last key, and to comments below that are indented as its keys are. */
export function actionLines({ text, actions, lines }: Pick<ParsedRecipe, 'text' | 'actions' | 'lines'>): readonly Lines[] {
  const lineOf = (offset: number): number => lineAndColumn({ lines }, offset).line + 1;
  const written = text.split('\n');
  return actions.map(({ at }, i) => {
    const dash = /-(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*$/.exec(text.slice(0, at.start))?.index;
    const first = lineOf(dash ?? at.start);
    const column = dash === undefined ? -1 : lineAndColumn({ lines }, dash).column;
    const next = actions[i + 1]?.at.start ?? text.length;
    let last = lineOf(Math.max(at.start, at.end - 1));
    for (let line = last + 1; line < lineOf(next); line++) if (new RegExp(`^ {${column + 1},}#`).test(written[line - 1] ?? '')) last = line;
    return { first, last };
  });
}
