import type { StateKind, Turn } from '../protocol.ts';
import { turnsKey } from './turns.ts';

/** One tensor of one walk. */
export interface Wish {
  readonly turns: readonly Turn[];
  readonly state: StateKind;
  readonly order: number;
}

/** A tensor that the panes show now. */
export interface Need extends Wish {
  /** Until its numbers are there, a picture of it does. */
  readonly picture: boolean;
}

export function wishKey({ turns, state, order }: Wish): string {
  return `${state} ${state === 'input' || state === 'estimate' ? '' : `${order} ${turnsKey(turns)}`}`;
}
