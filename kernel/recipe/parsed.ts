import type { Document, LineCounter, Node } from 'yaml';
import type { Action, ActionKind } from './actions.ts';
import type { Problem, Span } from './problem.ts';

/** A key of an action and its value, as they stand in the document. */
export interface ParsedKey {
  readonly name: string;
  readonly at: Span;
  /** Of the value; empty, behind the colon, where there is none. */
  readonly value: Span;
  readonly node: Node | null;
}

export interface ParsedAction {
  /** undefined where no key says what is to be done. */
  readonly kind: ActionKind | undefined;
  /** Undefined where something about it is wrong. */
  readonly action: Action | undefined;
  readonly at: Span;
  readonly keys: readonly ParsedKey[];
}

/** A recipe document as it was read: what is right of it, and what is not. */
export interface ParsedRecipe {
  readonly text: string;
  readonly actions: readonly ParsedAction[];
  readonly problems: readonly Problem[];
  readonly yaml: Document.Parsed;
  readonly lines: LineCounter;
}
