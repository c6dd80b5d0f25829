import type { PlannedStep } from '../diffusion/walk.ts';
import type { KeptSteps } from './walkTypes.ts';

/**
 * Orders of the steps that are kept, ascending: the first, the last, and those between by the rule.
 * The log-SNR is log(alphaBar / (1 - alphaBar)) (Kingma et al. 2021): its even spacing gives the late, nearly clean steps their share.
 */
export function keptOrders(kept: KeptSteps, planned: readonly PlannedStep[]): readonly number[] {
  const last = planned.length - 1;
  const orders = new Set([0, last]);
  switch (kept.kind) {
    case 'every':
      for (let order = 0; order <= last; order += Math.max(1, Math.round(kept.nth))) orders.add(order);
      break;
    case 'logSnr': {
      const logSnr = planned.map(({ step: { alphaBar } }) => Math.log(alphaBar / (1 - alphaBar)));
      for (let i = 0; i < kept.count; i++) orders.add(nearest(logSnr, logSnr[0]! + ((logSnr[last]! - logSnr[0]!) * i) / Math.max(1, kept.count - 1)));
      break;
    }
    default:
      kept satisfies never;
  }
  return [...orders].sort((a, b) => a - b);
}

function nearest(values: readonly number[], wanted: number): number {
  return values.reduce((best, value, i) => (Math.abs(value - wanted) < Math.abs(values[best]! - wanted) ? i : best), 0);
}
