import { matchColours } from '../faces/colourMatch.ts';
import { fromSrgb } from '../media/colourProfile.ts';
import { readPicture } from '../media/image.ts';
import { rgbToTensor, tensorToRgb } from '../tensor/imageTensor.ts';
import { bicubicAntialias } from '../tensor/resample.ts';
import type { RgbImage, Samples } from '../tensor/rgbImage.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { GreyWatch } from './greyOriginals.ts';
import type { FileResult } from './progress.ts';
import { restoreFace } from './restoreFace.ts';
import { trajectoryFiles, writeResult, type FileJob } from './restoreImage.ts';

/** Restores a picture that is one aligned face: resized to the model's size and back as the reference does it (bicubic with antialiasing). */
export async function restoreAligned(job: FileJob): Promise<FileResult> {
  const { input, engine, plan, signal, onProgress } = job;
  const began = performance.now();
  const picture = await readPicture(input);
  const { view } = picture;
  const grey = new GreyWatch().look(view);
  const crop = alignedCrop(view, engine.faceSize);
  onProgress({ stage: 'preparing', what: 'preparing the model' });
  const trajectories = trajectoryFiles(job);
  const onStep = (step: number, steps: number): void => {
    onProgress({ stage: 'restoring', frame: 0, frames: 1, face: 0, faces: 1, step, steps });
  };
  const restored = await (trajectories?.restore(1, 0, crop, onStep) ?? restoreFace(crop, { engine, plan, seed: plan.seed, track: 0, signal, onStep }));
  const coloured = plan.pasting.matchColours ? rgbToTensor(matchColours(tensorToRgb(restored), tensorToRgb(crop))) : restored;
  const face = tensorToRgb(sized(coloured, view.height, view.width));
  const result = blended(picture.image, await fromSrgb(face, picture.profile), job.strength);
  const written = await writeResult(job, picture, { ...picture, image: result }, trajectories);
  return {
    status: 'restored', input, ...written, seconds: (performance.now() - began) / 1000, notes: [...picture.notes, ...grey.notes(1, plan)],
    faces: [{ number: 1, box: { x: 0, y: 0, width: view.width, height: view.height }, frames: { first: 0, last: 0, count: 1 } }],
  };
}

/** A picture that is one aligned face, at the model's size: (1, 3, size, size) in [0, 1] up to the overshoot of the resampling. */
export function alignedCrop(view: RgbImage, size: number): Tensor {
  return sized(rgbToTensor(view), size, size);
}

function sized(image: Tensor, height: number, width: number): Tensor {
  return image.shape[2] === height && image.shape[3] === width ? image : bicubicAntialias(image, height, width);
}

/** 16-bit pictures take the restored 8-bit values times 257, as where a face is pasted. */
function blended(original: RgbImage<Samples>, { data }: RgbImage, strength: number): RgbImage<Samples> {
  const mixed = original.data.slice();
  const level = mixed instanceof Uint16Array ? 257 : 1;
  for (const [i, value] of data.entries()) mixed[i] = Math.round(mixed[i]! + strength * (value * level - mixed[i]!));
  return { ...original, data: mixed };
}
