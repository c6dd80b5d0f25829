import { isScalar } from 'yaml';
import type { ActionKind } from './actions.ts';
import type { ParsedRecipe } from './parsed.ts';

/** What is in a recipe, for whoever runs it. Lines and columns are counted from 0. */
export interface RecipeSummary {
  readonly actions: readonly { readonly kind: ActionKind; readonly line: number; readonly about: string; readonly as?: string }[];
  readonly problems: readonly { readonly message: string; readonly line: number; readonly column: number }[];
}

export function summaryOf({ text, actions, problems, lines }: ParsedRecipe): RecipeSummary {
  const place = (offset: number): { readonly line: number; readonly column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(0, line - 1), column: Math.max(0, col - 1) };
  };
  return {
    actions: actions.flatMap(({ kind, keys }) => {
      if (kind === undefined) return [];
      const about = keys.find(({ name }) => name === kind)!;
      const as = keys.find(({ name }) => name === 'as')?.node;
      return [{ kind, line: place(about.at.start).line, about: text.slice(about.value.start, about.value.end), ...(isScalar(as) && typeof as.value === 'string' ? { as: as.value } : {}) }];
    }),
    problems: problems.filter(({ severity }) => severity === 'error').map(({ message, at }) => ({ message, ...place(at.start) })),
  };
}
