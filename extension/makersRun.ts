import type { ActionOutcome, NamedResult, PlannedRun } from '../kernel/protocol.ts';

/** The results of the actions of one document that were run, by the sum of the text that made them. */
export type MadeResults = Map<string, NamedResult>;

/**
 * Runs what was planned, the last of which is what somebody asked for. Results of those before it that are there already are not made again.
 * @param isThere whether a result still is where it was put
 * @param run runs one action with the results it may use
 * @returns what each that ran came to
 */
export async function runAfterMakers({ chosen }: Pick<PlannedRun, 'chosen'>, made: MadeResults, isThere: (result: NamedResult) => boolean, run: (action: number, names: readonly NamedResult[]) => Promise<ActionOutcome>): Promise<readonly ActionOutcome[]> {
  const names: NamedResult[] = [];
  const outcomes: ActionOutcome[] = [];
  for (const [i, { action, made: sum }] of chosen.entries()) {
    const known = i < chosen.length - 1 ? made.get(sum) : undefined;
    if (known && isThere(known)) names.push(known);
    else {
      const outcome = await run(action, names);
      outcomes.push(outcome);
      if (!outcome.named) continue;
      made.set(sum, outcome.named);
      names.push(outcome.named);
    }
  }
  return outcomes;
}
