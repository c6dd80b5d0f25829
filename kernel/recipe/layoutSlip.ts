import type { Edit } from './edits.ts';
import type { Span } from './problem.ts';

/** Something about how lines are laid out that a person did not mean. */
export interface LayoutSlip {
  readonly message: string;
  readonly at: Span;
  /** What the edits do: "Move 'seed' below 'restore'" */
  readonly fix: string;
  readonly edits: readonly Edit[];
}

export function inserted(at: number, text: string): Edit {
  return { at: { start: at, end: at }, text };
}
