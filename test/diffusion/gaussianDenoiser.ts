import type { Denoiser } from '../../kernel/diffusion/denoiser.ts';
import { linearSchedule } from '../../kernel/diffusion/schedule.ts';

const { baseAlphaBar } = linearSchedule('');

/** alphaBar at a timestep of the original chain, between steps by linear interpolation of log-SNR as the solver's grid does it. */
export function alphaBarAt(t: number): number {
  const low = Math.min(baseAlphaBar.length - 2, Math.floor(t));
  const logit = (value: number): number => Math.log(value / (1 - value));
  const [a, b] = [logit(baseAlphaBar[low]!), logit(baseAlphaBar[low + 1]!)];
  return 1 / (1 + Math.exp(-(a + (b - a) * (t - low))));
}

/**
 * The best possible denoiser where every clean value is normal with this mean and deviation: x_t is then normal too, and the expected noise
 * has a closed form. What a sampler should do with it is known exactly.
 */
export function gaussianDenoiser(mean: number, deviation: number): Denoiser {
  return (x, t) => {
    const alphaBar = alphaBarAt(t);
    const variance = alphaBar * deviation ** 2 + 1 - alphaBar;
    const eps = x.data.map((value) => (Math.sqrt(1 - alphaBar) * (value - Math.sqrt(alphaBar) * mean)) / variance);
    return Promise.resolve({ eps: { data: eps, shape: x.shape } });
  };
}
