import type { Tensor } from '../tensor/tensor.ts';
import { ddimWeights } from './ddim.ts';
import type { PlannedStep } from './walk.ts';

/**
 * Whether the noise a step predicted follows from its predX0 and the state it walked to. It does for DDIM, whose direction keeps the raw noise;
 * not for its last step, which forgets it, nor for samplers that go on with the clipped predX0 alone.
 */
export function noiseFollows({ sampler, eta, step }: PlannedStep): boolean {
  return sampler === 'ddim' && ddimWeights(step, eta).toEps > 0;
}

/** What is known of a DDIM step when its predicted noise is asked for. */
export interface StepStates {
  readonly xT: Tensor;
  readonly predX0: Tensor;
  /** The state it walked to. */
  readonly xPrev: Tensor;
  /** What it drew; undefined where it drew none. */
  readonly noise: Tensor | undefined;
}

/**
 * The noise a DDIM step predicted, from the states around it. Two equations hold it: predX0 is what it leaves of x_t (Ho et al. 2020, eq. 15), and the next state is made of
 * both (Song et al. 2021, eq. 12). Of exact states the first is solved where predX0 was not clipped, which amplifies rounding least, and the second where it was; both
 * equations are fulfilled then. Of rounded states only one can be: the second, which goes from step to step.
 * @param exact the states are as the sampler had them, in float32
 */
export function noiseOfStep({ step, eta }: PlannedStep, { xT, predX0, xPrev, noise }: StepStates, exact: boolean): Tensor {
  const { toX0, toEps, sigma } = ddimWeights(step, eta);
  const [fromXt, fromEps] = [Math.fround(Math.sqrt(1 / step.alphaBar)), Math.fround(Math.sqrt(1 / step.alphaBar - 1))];
  const data = new Float32Array(xPrev.data.length);
  for (let i = 0; i < data.length; i++) {
    const clean = predX0.data[i]!;
    const ofX0 = (fromXt * xT.data[i]! - clean) / fromEps;
    const ofNext = (xPrev.data[i]! - toX0 * clean - (noise ? sigma * noise.data[i]! : 0)) / toEps;
    if (!exact) data[i] = ofNext;
    else if (clean >= 1) data[i] = Math.min(ofX0, ofNext);             // x0 was 1 or more before it was clipped
    else if (clean <= -1) data[i] = Math.max(ofX0, ofNext);
    else data[i] = ofX0;
  }
  return { data, shape: xPrev.shape };
}
