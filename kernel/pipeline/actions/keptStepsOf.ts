import type { TrajectoryAction } from '../../recipe/actions.ts';
import type { KeptSteps } from '../../trajectory/walkTypes.ts';

/** What `keep` means. @param keep as its schema has it */
export function keptStepsOf(keep: NonNullable<TrajectoryAction['keep']>): KeptSteps {
  if (typeof keep === 'number') return { kind: 'every', nth: keep };
  const count = /^logsnr:(\d+)$/.exec(keep)?.[1];
  return count === undefined ? { kind: 'every', nth: 1 } : { kind: 'logSnr', count: Number(count) };
}
