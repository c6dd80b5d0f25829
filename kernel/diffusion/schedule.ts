import { KernelFailure } from '../failure.ts';
import { roundHalfEven } from '../tensor/rounding.ts';

/** One index of a respaced chain; all values in float64, indices count from 0 (the least noisy step). */
export interface DiffusionStep {
  readonly index: number;
  /** The timestep of the original chain (0..999) the network is asked with. */
  readonly t: number;
  readonly beta: number;
  readonly alphaBar: number;
  /** alphaBar of the step below; 1 for index 0. */
  readonly alphaBarPrev: number;
  /** Variance of q(x_{t-1} | x_t, x_0), Ho et al. 2020 eq. 7. */
  readonly posteriorVariance: number;
  /** Its logarithm; index 0 has that of index 1, since its own is 0. */
  readonly posteriorLogVarianceClipped: number;
  /** Weights of x_0 and x_t in the posterior's mean, Ho et al. 2020 eq. 7. */
  readonly posteriorMeanX0: number;
  readonly posteriorMeanXt: number;
}

/** A chain of steps, from the least to the most noisy. */
export interface DiffusionSchedule {
  readonly respacing: string;
  readonly steps: readonly DiffusionStep[];
  /** alphaBar of all the original timesteps. */
  readonly baseAlphaBar: Float64Array;
}

const baseSteps = 1000;

/**
 * The linear schedule of DDPM (beta from 1e-4 to 0.02 over 1000 steps; Ho et al. 2020), respaced (Nichol and Dhariwal 2021, section 4).
 * @param respacing 'ddimN' (every k-th step, exactly N of them), 'N' or 'a,b,...' (sections with so many steps each); '' keeps all
 * @throws KernelFailure('usage') when the respacing cannot be had
 */
export function linearSchedule(respacing: string): DiffusionSchedule {
  const baseAlphaBar = new Float64Array(baseSteps);
  let product = 1;
  for (let t = 0; t < baseSteps; t++) {
    product *= 1 - (1e-4 + ((0.02 - 1e-4) * t) / (baseSteps - 1));
    baseAlphaBar[t] = product;
  }
  const kept = respacing === '' ? Array.from({ length: baseSteps }, (_, t) => t) : keptTimesteps(respacing);
  const betas = kept.map((t, i) => 1 - baseAlphaBar[t]! / (i === 0 ? 1 : baseAlphaBar[kept[i - 1]!]!));
  // Recomputed from the new betas, as is the practice: equal to the base values up to rounding.
  const alphaBars: number[] = [];
  betas.reduce((running, beta) => {
    alphaBars.push(running * (1 - beta));
    return running * (1 - beta);
  }, 1);
  const variance = (i: number): number => (betas[i]! * (1 - (i === 0 ? 1 : alphaBars[i - 1]!))) / (1 - alphaBars[i]!);
  const steps = kept.map((t, index): DiffusionStep => {
    const beta = betas[index]!;
    const alphaBar = alphaBars[index]!;
    const alphaBarPrev = index === 0 ? 1 : alphaBars[index - 1]!;
    return {
      index, t, beta, alphaBar, alphaBarPrev,
      posteriorVariance: variance(index),
      posteriorLogVarianceClipped: Math.log(variance(index === 0 && kept.length > 1 ? 1 : index)),
      posteriorMeanX0: (beta * Math.sqrt(alphaBarPrev)) / (1 - alphaBar),
      posteriorMeanXt: ((1 - alphaBarPrev) * Math.sqrt(1 - beta)) / (1 - alphaBar),
    };
  });
  return { respacing, steps, baseAlphaBar };
}

/**
 * A step between two noise levels that need not be neighbours in a chain, as if there were no others between them (Nichol and Dhariwal 2021, section 4).
 * @param index 0 for the step that walks to alphaBar 1
 */
export function stepBetween(index: number, t: number, alphaBar: number, alphaBarPrev: number): DiffusionStep {
  const beta = 1 - alphaBar / alphaBarPrev;
  const posteriorVariance = (beta * (1 - alphaBarPrev)) / (1 - alphaBar);
  return {
    index, t, beta, alphaBar, alphaBarPrev, posteriorVariance,
    posteriorLogVarianceClipped: Math.log(Math.max(posteriorVariance, 1e-20)),
    posteriorMeanX0: (beta * Math.sqrt(alphaBarPrev)) / (1 - alphaBar),
    posteriorMeanXt: ((1 - alphaBarPrev) * Math.sqrt(1 - beta)) / (1 - alphaBar),
  };
}

/** The original timesteps that a respacing keeps, ascending. */
function keptTimesteps(respacing: string): number[] {
  const wanted = /^ddim(\d+)$/.exec(respacing)?.[1];
  if (wanted !== undefined) {
    for (let stride = 1; stride < baseSteps; stride++) {
      const count = Math.ceil(baseSteps / stride);
      if (count === Number(wanted)) return Array.from({ length: count }, (_, i) => i * stride);
    }
    throw new KernelFailure('usage', `the respacing '${respacing}' cannot be had: no stride through ${baseSteps} steps gives exactly ${wanted}`);
  }
  if (!/^\d+(,\d+)*$/.test(respacing)) throw new KernelFailure('usage', `'${respacing}' is no respacing; 'ddim250', '250' or '10,15,20' are`);
  const sections = respacing.split(',').map(Number);
  const length = Math.floor(baseSteps / sections.length);
  const longer = baseSteps % sections.length;
  const kept: number[] = [];
  let start = 0;
  for (const [i, count] of sections.entries()) {
    const size = length + (i < longer ? 1 : 0);
    if (count > size || count < 1) throw new KernelFailure('usage', `the respacing '${respacing}' asks for ${count} of the ${size} steps of a section`);
    const stride = count <= 1 ? 1 : (size - 1) / (count - 1);
    let position = 0;
    for (let k = 0; k < count; k++) {
      kept.push(start + roundHalfEven(position));
      position += stride;
    }
    start += size;
  }
  return kept;
}
