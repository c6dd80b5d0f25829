import type { Turn } from '../protocol.ts';

/** Names a walk by its turns, whatever the order in which their fields came. */
export function turnsKey(turns: readonly Turn[]): string {
  return JSON.stringify(turns.map(({ at, sampler, steps, eta, seed }) => [at, sampler, steps, eta, seed]));
}

export function sameTurns(a: readonly Turn[], b: readonly Turn[]): boolean {
  return turnsKey(a) === turnsKey(b);
}

/** Whether a walk is another one or grew from it. */
export function growsFrom(turns: readonly Turn[], root: readonly Turn[]): boolean {
  return sameTurns(turns.slice(0, root.length), root);
}

/** The walk that goes another way from a state on: what turned off later is given up. */
export function turnedAt(turns: readonly Turn[], turn: Turn): readonly Turn[] {
  return [...turns.filter(({ at }) => at < turn.at), turn];
}

export const samplerTitles: Readonly<Record<Turn['sampler'], string>> = { ddim: 'DDIM', ddpm: 'DDPM', 'dpm++': 'DPM-Solver++(2M)' };
