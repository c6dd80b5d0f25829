import type { PlannedStep } from './walk.ts';

/**
 * Standard deviation of the noise a step adds, as far as it is known without the network: what DDPM's steps add is the network's own, between this and sqrt(beta), pixel by pixel.
 * Not rounded as the sampler rounds it, so that it goes with the alphaBars that stand beside it (Song et al. 2021, eq. 16; Ho et al. 2020, eq. 7).
 */
export function sigmaOf({ step: { alphaBar, alphaBarPrev, posteriorVariance }, sampler, eta }: PlannedStep): number {
  switch (sampler) {
    case 'ddim':
      return eta * Math.sqrt((1 - alphaBarPrev) / (1 - alphaBar)) * Math.sqrt(1 - alphaBar / alphaBarPrev);
    case 'ddpm':
      return Math.sqrt(posteriorVariance);
    case 'dpm++':
      return 0;
    default:
      return sampler satisfies never;
  }
}

/** Whether a step draws noise: the one to 0 does not, nor do deterministic ones. */
export function drawsNoise(planned: PlannedStep): boolean {
  return planned.step.index !== 0 && sigmaOf(planned) > 0;
}
