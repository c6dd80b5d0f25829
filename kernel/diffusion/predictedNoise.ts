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

/**
 * The noise a DDIM step predicted, from the state it walked to (Song et al. 2021, eq. 12, solved for eps). It fulfils that equation whatever the precision of the states is.
 * @param noise what the step drew; undefined where it drew none
 */
export function noiseFromNext({ step, eta }: PlannedStep, predX0: Tensor, xPrev: Tensor, noise: Tensor | undefined): Tensor {
  const { toX0, toEps, sigma } = ddimWeights(step, eta);
  const data = new Float32Array(xPrev.data.length);
  for (let i = 0; i < data.length; i++) data[i] = (xPrev.data[i]! - toX0 * predX0.data[i]! - (noise ? sigma * noise.data[i]! : 0)) / toEps;
  return { data, shape: xPrev.shape };
}
