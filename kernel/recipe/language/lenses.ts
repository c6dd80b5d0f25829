import type { ParsedRecipe } from '../parsed.ts';
import type { Span } from '../problem.ts';

/** Something that can be done with an action, above it. */
export interface Lens {
  readonly at: Span;
  readonly does: 'run' | 'replay';
  /** Which action, counted from 0. */
  readonly action: number;
}

export function lenses({ actions }: ParsedRecipe): readonly Lens[] {
  return actions.flatMap(({ kind, keys }, action): readonly Lens[] => {
    const at = keys.find(({ name }) => name === kind)?.at;
    if (!at) return [];
    return [{ at, does: 'run', action }, ...(kind === 'restore' && keys.some(({ name }) => name === 'locked') ? [{ at, does: 'replay', action } as const] : [])];
  });
}
