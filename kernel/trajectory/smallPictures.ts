import { encodeJpeg, scaledToFit } from '../media/image.ts';
import { tensorToRgb } from '../tensor/imageTensor.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { stateToRgb } from './strip.ts';

/** Longest side of a small picture. */
const side = 96;

/** A state as a small JPEG. @param state (3, H, W) or (1, 3, H, W) in the sampler's range */
export async function smallState(state: Tensor): Promise<Buffer> {
  return encodeJpeg(await scaledToFit(stateToRgb(state), side), 80);
}

/** The crop or the estimate of a face as a small JPEG. @param picture (1, 3, H, W) in [0, 1] */
export async function smallPicture(picture: Tensor): Promise<Buffer> {
  return encodeJpeg(await scaledToFit(tensorToRgb(picture), side), 85);
}
