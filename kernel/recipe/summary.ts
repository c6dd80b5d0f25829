import { isScalar } from 'yaml';
import type { ActionKind } from './actions.ts';
import type { ParsedRecipe } from './parsed.ts';
import type { Problem } from './problem.ts';

/** Both counted from 0. */
export interface LineAndColumn {
  readonly line: number;
  readonly column: number;
}

/** What is in a recipe, for whoever runs it. */
export interface RecipeSummary {
  readonly actions: readonly (LineAndColumn & { readonly kind: ActionKind; readonly about: string; readonly as?: string })[];
  readonly problems: readonly PlacedMessage[];
}

export type PlacedMessage = LineAndColumn & { readonly message: string };

/** @param problems the document's own where absent */
export function summaryOf({ text, actions, problems: own, lines }: ParsedRecipe, problems: readonly Problem[] = own): RecipeSummary {
  return {
    actions: actions.flatMap(({ kind, keys }) => {
      if (kind === undefined) return [];
      const about = keys.find(({ name }) => name === kind)!;
      const as = keys.find(({ name }) => name === 'as')?.node;
      return [{ kind, ...lineAndColumn({ lines }, about.at.start), about: text.slice(about.value.start, about.value.end), ...(isScalar(as) && typeof as.value === 'string' ? { as: as.value } : {}) }];
    }),
    problems: placedMessages({ lines }, problems, 'error'),
  };
}

/** What is said of a document with a severity, and where. */
export function placedMessages(recipe: Pick<ParsedRecipe, 'lines'>, problems: readonly Problem[], wanted: Problem['severity']): readonly PlacedMessage[] {
  return problems.filter(({ severity }) => severity === wanted).map(({ message, at }) => ({ message, ...lineAndColumn(recipe, at.start) }));
}

export function lineAndColumn({ lines }: Pick<ParsedRecipe, 'lines'>, offset: number): LineAndColumn {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(0, line - 1), column: Math.max(0, col - 1) };
}
