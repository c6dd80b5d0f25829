import { cropFace, alignment } from '../faces/align.ts';
import { eyeDistance, type Face } from '../faces/face.ts';
import { pasteFace } from '../faces/paste.ts';
import { eightBit, readPicture, resultExtension, writePicture } from '../media/image.ts';
import { bicubicAntialias } from '../tensor/resample.ts';
import { rgbToTensor, tensorToRgb } from '../tensor/imageTensor.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import type { Engine } from './engine.ts';
import type { OnProgress, FileResult } from './progress.ts';
import type { FaceChoice, Method } from './request.ts';
import { TrajectoryRecorder } from './trajectoryFiles.ts';

export interface FileJob {
  readonly input: string;
  /** Path of the result without its extension, which follows from the format. */
  readonly outputStem: string;
  readonly engine: Engine;
  readonly method: Method;
  readonly seed: number;
  readonly faces: FaceChoice;
  readonly trajectory: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Restores the faces of one picture and writes the result beside it. */
export async function restoreImage(job: FileJob): Promise<FileResult> {
  const { input, engine, signal, onProgress } = job;
  const began = performance.now();
  const picture = await readPicture(input);
  const view = eightBit(picture.image);
  onProgress({ stage: 'detecting', frame: 0, frames: 1 });
  const found = await engine.detect(view, { signal });
  const chosen = chooseFaces(found, job.faces);
  onProgress({ stage: 'found', faces: chosen.length, frames: 1 });
  if (chosen.length === 0) return { status: 'no face', input };
  onProgress({ stage: 'preparing', what: 'preparing the model' });
  await engine.prepare(signal);
  const recorder = job.trajectory ? new TrajectoryRecorder() : undefined;
  const pasted: { toCrop: ReturnType<typeof alignment>; face: RgbImage }[] = [];
  for (const [i, { face, number }] of chosen.entries()) {
    const toCrop = alignment(face.landmarks, engine.faceSize);
    const crop = cropFace(view, toCrop, engine.faceSize);
    const [restored] = await engine.restoreCrops([crop], {
      method: job.method, seed: job.seed, tracks: [number - 1], signal,
      onStep: (step, steps) => {
        onProgress({ stage: 'restoring', frame: 0, frames: 1, face: i, faces: chosen.length, step, steps });
      },
      ...(recorder ? { keep: recorder.face(number, crop) } : {}),
    });
    pasted.push({ toCrop, face: restored! });
  }
  for (const { toCrop, face } of pasted) pasteFace(picture.image, face, toCrop, { mask: { kind: 'oval' } });
  const output = job.outputStem + resultExtension(input, picture.format);
  onProgress({ stage: 'writing', path: output });
  const path = await writePicture(output, picture.image, picture);
  const trajectory = await recorder?.write(`${path}.trajectory`);
  return {
    status: 'restored', input, output: path, seconds: (performance.now() - began) / 1000, notes: picture.notes,
    faces: chosen.map(({ face, number }) => ({ number, box: face.box, frames: { first: 0, last: 0, count: 1 } })),
    ...(trajectory === undefined ? {} : { trajectory }),
  };
}

/** Restores a picture that is one aligned face: resized to the model's size and back as the reference does it (bicubic with antialiasing). */
export async function restoreAligned(job: FileJob): Promise<FileResult> {
  const { input, engine, signal, onProgress } = job;
  const began = performance.now();
  const picture = await readPicture(input);
  const view = eightBit(picture.image);
  const size = engine.faceSize;
  const whole = rgbToTensor(view);
  const crop = view.width === size && view.height === size ? whole : bicubicAntialias(whole, size, size);
  onProgress({ stage: 'preparing', what: 'preparing the model' });
  const recorder = job.trajectory ? new TrajectoryRecorder() : undefined;
  const restored = await engine.restoreTensor(crop, {
    method: job.method, seed: job.seed, tracks: [0], signal,
    onStep: (step, steps) => {
      onProgress({ stage: 'restoring', frame: 0, frames: 1, face: 0, faces: 1, step, steps });
    },
    ...(recorder ? { keep: recorder.face(1, tensorToRgb(crop)) } : {}),
  });
  const result = tensorToRgb(crop === whole ? restored : bicubicAntialias(restored, view.height, view.width));
  const output = job.outputStem + resultExtension(input, picture.format);
  onProgress({ stage: 'writing', path: output });
  const path = await writePicture(output, result, picture);
  const trajectory = await recorder?.write(`${path}.trajectory`);
  return {
    status: 'restored', input, output: path, seconds: (performance.now() - began) / 1000, notes: picture.notes,
    faces: [{ number: 1, box: { x: 0, y: 0, width: view.width, height: view.height }, frames: { first: 0, last: 0, count: 1 } }],
    ...(trajectory === undefined ? {} : { trajectory }),
  };
}

function chooseFaces(found: readonly Face[], choice: FaceChoice): readonly { readonly face: Face; readonly number: number }[] {
  const all = found.map((face, i) => ({ face, number: i + 1 }));
  if (choice === 'all') return all;
  if (choice === 'largest') return [...all].sort((a, b) => eyeDistance(b.face) - eyeDistance(a.face)).slice(0, 1);
  return all.filter(({ number }) => choice.includes(number));
}
