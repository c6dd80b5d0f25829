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

/** A document whose lines are laid out as they are meant. */
export interface MeantRecipe {
  readonly recipe: ParsedRecipe;
  /** A problem of it as one of the document as it was written. */
  back<P extends Problem>(found: P): P;
}

/** A recipe document as it was read: what is right of it, and what is not. */
export interface ParsedRecipe {
  readonly text: string;
  readonly actions: readonly ParsedAction[];
  readonly problems: readonly Problem[];
  readonly yaml: Document.Parsed;
  readonly lines: LineCounter;
  /** Where its layout has slips that are told: what it says without them. */
  readonly meant?: MeantRecipe;
}
