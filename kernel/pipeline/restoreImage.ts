import { cropFace, fromScaled } from '../faces/align.ts';
import { breathe } from '../faces/breathe.ts';
import { fromSrgb } from '../media/colourProfile.ts';
import { readPicture, resultExtension, writePicture, type Picture } from '../media/image.ts';
import { rgbToTensor, tensorToRgb } from '../tensor/imageTensor.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { backgroundOf, needsBackground, type Background } from './background.ts';
import { facesToRestore, type PlacedFace } from './chosenFaces.ts';
import type { Engine } from './engine.ts';
import { GreyWatch } from './greyOriginals.ts';
import { besideFaces, colouredCrop, pasteCrop, type Pasting, type RestoredCrop } from './pasting.ts';
import type { Plan } from './plan.ts';
import type { OnProgress, FileResult, RestoredFace, RestoredFile } from './progress.ts';
import type { FaceChoice } from '../recipe/restoreOptions.ts';
import type { CropStore } from './restorationStore.ts';
import { allDone } from './allDone.ts';
import { restoreFace } from './restoreFace.ts';
import { RunCrops } from './runCrops.ts';
import { TrajectoryFiles } from './trajectoryFiles.ts';

export interface FileJob {
  readonly input: string;
  /** Path of the result without its extension, which follows from the format. */
  readonly outputStem: string;
  /** Where another one was asked for: it chooses the container of a clip. */
  readonly extension?: string;
  /** As the editor exports: the faces of a small picture are restored before it is enlarged. */
  readonly asExported?: boolean;
  readonly engine: Engine;
  readonly plan: Plan;
  readonly faces: FaceChoice;
  /** 0 .. 1 */
  readonly strength: number;
  readonly trajectory: boolean;
  /** The crops stay in the store when the result is written: the editor shows and blends them further. */
  readonly keepCrops: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Restores one face in a special way: its number, counted from 1, and its crop, (1, 3, S, S) in [0, 1]. */
export type CropRestorer = (number: number, crop: Tensor, onStep: (step: number, steps: number) => void) => Promise<Tensor>;

/** A face with its restored crop. */
export interface DoneFace {
  readonly face: PlacedFace;
  readonly crop: RestoredCrop;
}

/** A face that was asked for. */
export interface RestoredOne extends DoneFace {
  /** It was there already: no network was run for it. */
  readonly before: boolean;
}

/**
 * The restored crop of each face, one after the other, from the store where it is there: however many faces there are, one crop is in memory.
 * @param view the picture the faces' places belong to; it must not change meanwhile
 * @param store keeps what is restored; without it nothing is kept
 * @param restore as the plan says where absent
 */
export async function* restoreFaces(view: RgbImage, faces: readonly PlacedFace[], { engine, plan, signal, onProgress }: FileJob, store?: CropStore, restore?: CropRestorer): AsyncGenerator<RestoredOne> {
  if (faces.length === 0) return;
  onProgress({ stage: 'preparing', what: 'preparing the model' });
  await engine.prepare(signal);
  let done = 0;
  const one = async (face: PlacedFace): Promise<RestoredOne> => {
    const { number, toCrop } = face;
    const track = number - 1;
    const known = await store?.crop(track, 0);
    let stepped = false;
    const onStep = (step: number, steps: number): void => {
      stepped = true;
      onProgress({ stage: 'restoring', frame: 0, frames: 1, face: done, faces: faces.length, step, steps });
    };
    const crop = rgbToTensor(cropFace(view, toCrop, engine.faceSize));
    const image = known ?? tensorToRgb(await (restore?.(number, crop, onStep) ?? restoreFace(crop, { engine, plan, seed: plan.seed, track, signal, onStep })));
    if (!known) await store?.put(track, 0, image);
    done++;
    const before = known !== undefined || (restore !== undefined && !stepped); // a walk may be kept whose crop is not
    return { face, before, crop: await withLabels(image, { engine, plan, signal, known: known !== undefined, ...(store ? { store } : {}), track, frame: 0 }) };
  };
  // as many at once as the device computes together: more would only lie in memory
  for (let next = 0; next < faces.length;) {
    await breathe(signal);                                              // known crops and the identity wait for nothing
    const together = faces.slice(next, next + engine.batchSize);
    yield* await allDone(together.map(one));
    next += together.length;
  }
}

/** What the parser sees in a crop, if the plan asks it; from the store where the crop is from there too. */
export async function withLabels(image: RgbImage, { engine, plan, signal, known, store, track, frame }: Pick<FileJob, 'engine' | 'plan' | 'signal'> & { readonly known: boolean; readonly store?: CropStore; readonly track: number; readonly frame: number }): Promise<RestoredCrop> {
  if (plan.pasting.mask !== 'parsing') return { image };
  const stored = known ? await store?.labels(track, frame) : undefined;
  const labels = stored ?? await engine.parse(image, signal);
  if (!stored) await store?.putLabels(track, frame, labels);
  return { image, labels };
}

/** The faces of which a restored crop is kept, with all that pasting needs. */
export async function storedCrops(faces: readonly PlacedFace[], store: CropStore, { mask }: Pasting): Promise<readonly DoneFace[]> {
  const crops = await Promise.all(faces.map(async ({ number }) => {
    const image = store.has(number - 1, 0) ? await store.crop(number - 1, 0) : undefined;
    const labels = image && mask === 'parsing' ? await store.labels(number - 1, 0) : undefined;
    return image && (mask !== 'parsing' || labels) ? { image, ...(labels ? { labels } : {}) } : undefined;
  }));
  return faces.flatMap((face, i) => (crops[i] ? [{ face, crop: crops[i] }] : []));
}

/** Pastes a restored crop, which is sRGB, into a picture's own samples: pixels that no face touches stay what they are, whatever colours they have. */
export async function pasteRestored({ picture: { image, profile }, view, factor }: Background, { face, crop }: DoneFace, pasting: Pasting, strength: number): Promise<void> {
  const toCrop = fromScaled(face.toCrop, factor);
  pasteCrop({ picture: image, toCrop, strength }, await fromSrgb(colouredCrop(crop, view, toCrop, pasting), profile), crop.labels, pasting);
}

/** What to say of a result without a face in it. @param left why faces were left out, if there are any */
export function faceless(faces: number, left: readonly string[], { upscale }: Pasting): readonly string[] {
  if (faces > 0) return [];
  return [`${left.length === 0 ? 'no face was found' : 'no face was restored'}; what is behind the faces was ${upscale > 1 ? 'enlarged' : 'rebuilt'} all the same`];
}

/**
 * Restores the faces of one picture and writes the result beside it. Without a face there is a result where the picture behind the faces is made anew, as in the reference.
 * What was restored before the run was stopped is not restored again.
 */
export async function restoreImage(job: FileJob): Promise<FileResult> {
  const { input, engine, plan, signal, onProgress } = job;
  const began = performance.now();
  const picture = await readPicture(input);
  onProgress({ stage: 'detecting', frame: 0, frames: 1 });
  const { faces, notes, warning } = await facesToRestore(input, picture.view, job.faces, engine.finder(plan.detector), signal);
  onProgress({ stage: 'found', faces: faces.length, frames: 1, ...(warning === undefined ? {} : { warning }) });
  const grey = new GreyWatch().look(picture.view);
  if (faces.length === 0 && !needsBackground(plan.pasting)) return { status: 'no face', input };
  if (faces.length > 0) await engine.checkBeside(besideFaces(plan.pasting), signal);
  const trajectories = trajectoryFiles(job);
  const background = await backgroundOf(picture, { engine, pasting: plan.pasting, signal, onProgress });
  const place = job.asExported === true ? { cutFrom: picture.view, enlarged: 1, faces, pasteOnto: background }
    : { cutFrom: background.view, enlarged: background.factor, faces: faces.map((face) => ({ ...face, toCrop: fromScaled(face.toCrop, background.factor) })), pasteOnto: { ...background, factor: 1 } };
  const crops = trajectories ? undefined : await RunCrops.of(job, place.enlarged);
  try {
    for await (const { face, crop } of restoreFaces(place.cutFrom, place.faces, job, crops?.store, trajectories && ((number, tensor, onStep) => trajectories.restore(number, 0, tensor, onStep)))) {
      await pasteRestored(place.pasteOnto, { face, crop }, plan.pasting, job.strength);
    }
    const written = await writeResult(job, picture, background.picture, trajectories);
    await crops?.done();
    return {
      status: 'restored', input, ...written, seconds: (performance.now() - began) / 1000, faces: faces.map(reportedFace),
      notes: [...picture.notes, ...background.notes, ...notes, ...faceless(faces.length, notes, plan.pasting), ...grey.notes(faces.length, plan), ...crops?.notes ?? []],
      ...(crops && crops.earlierDevices.length > 0 ? { earlierDevices: crops.earlierDevices } : {}),
    };
  } finally {
    crops?.close();
  }
}

/** Writes a restored picture, and the states of its walks beside it where they are asked for. @param original the picture that was restored */
export async function writeResult({ input, outputStem, extension, onProgress }: FileJob, original: Picture, result: Picture, trajectories: TrajectoryFiles | undefined): Promise<Pick<RestoredFile, 'output' | 'trajectory'>> {
  const wanted = outputStem + (extension ?? resultExtension(input, original.format));
  onProgress({ stage: 'writing', path: wanted });
  const output = await writePicture(wanted, result.image, result);
  const trajectory = await trajectories?.writeBeside(output);
  return { output, ...(trajectory === undefined ? {} : { trajectory }) };
}

/** Where the states go, if they are asked for. */
export function trajectoryFiles({ trajectory, input, engine, plan, signal, onProgress }: FileJob): TrajectoryFiles | undefined {
  return trajectory ? new TrajectoryFiles(input, engine, plan, signal, onProgress) : undefined;
}

/** A face as it is named in results. */
export function reportedFace({ face, number }: PlacedFace): RestoredFace {
  return { number, box: face.box, frames: { first: 0, last: 0, count: 1 } };
}
