import type { DocumentState, Outcome } from './protocol.ts';

/** An outcome, and the options and faces under which it was said. */
export interface SaidOutcome {
  readonly outcome: string;
  readonly under: string;
}

/** Remembers under what an outcome was said. @param before what was remembered until now */
export function saidOutcome(before: SaidOutcome | null, { outcome, options, leftOut }: DocumentState): SaidOutcome {
  const text = JSON.stringify(outcome);
  return before?.outcome === text ? before : { outcome: text, under: conditions({ options, leftOut }) };
}

/** The outcome as far as it still holds: what failed or was cancelled may go well under other options. */
export function standingOutcome(said: SaidOutcome | null, { outcome, options, leftOut }: DocumentState): Outcome {
  const passing = outcome.kind === 'failed' || outcome.kind === 'cancelled';
  return passing && said !== null && said.under !== conditions({ options, leftOut }) ? { kind: 'none' } : outcome;
}

function conditions({ options, leftOut }: Pick<DocumentState, 'options' | 'leftOut'>): string {
  return JSON.stringify([Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)), [...leftOut].sort((a, b) => a - b)]);
}
