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

/** A slip of a text as one of the text with so many signs before it. */
export function movedBy(count: number, slip: LayoutSlip): LayoutSlip {
  const moved = ({ start, end }: Span): Span => ({ start: start + count, end: end + count });
  return { ...slip, at: moved(slip.at), edits: slip.edits.map(({ at, text }) => ({ at: moved(at), text })) };
}
