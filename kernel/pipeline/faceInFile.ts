import { cropFace } from '../faces/align.ts';
import { KernelFailure, OptionFailure } from '../failure.ts';
import { readPicture } from '../media/image.ts';
import { probeClip } from '../media/probe.ts';
import { framesFrom } from '../media/seek.ts';
import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import { rgbToTensor } from '../tensor/imageTensor.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { DetectorName } from '../weights/detectorNames.ts';
import { kindOf } from './collectFiles.ts';
import { refuseAligned } from './fileRefusals.ts';
import type { Engine } from './engine.ts';
import type { EnginePool } from './enginePool.ts';
import { findTracks, steadyAlignment } from './findTracks.ts';
import { tracksOnce } from './foundFaces.ts';
import { planInFrame, planOf, type Plan } from './plan.ts';
import type { OnProgress } from './progress.ts';
import { facesToRestore, refuseNumbers } from './chosenFaces.ts';
import { alignedCrop } from './restoreAligned.ts';
import { identityOf, type FaceToWalk } from './walks.ts';

/** One face of a picture, or of a frame of a clip, that is walked. */
export interface FaceInFile {
  readonly path: string;
  /** Model, sampler, seed; `aligned` as of a restoration. */
  readonly request: RestoreRequest;
  /** Counted from 1. */
  readonly face: number;
  /** Of a clip, counted from 0; the middle of where the face is seen where absent. */
  readonly frame?: number;
  readonly engines: EnginePool;
  readonly device: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Its aligned crop, and where it is walked. */
export interface CroppedFace {
  readonly engine: Engine;
  /** As it walks in its frame. */
  readonly plan: Plan;
  readonly face: FaceToWalk;
  /** Counted from 0. */
  readonly frame: number;
}

/**
 * Finds a face in a file, or remembers it, and does something with its crop on the engine of its model.
 * @throws OptionFailure('usage') when the face is not there, `aligned` does not fit, or the method has no walk; KernelFailure('input') when there is no face at all
 */
export async function withFaceInFile<T>(job: FaceInFile, use: (found: CroppedFace) => Promise<T>): Promise<T> {
  const { request } = job;
  const asked = await planOf(request);
  refuseAligned(job.path, request.aligned, job.face);
  identityOf(asked, [], asked.seed);                                    // without a walk nothing has to be looked for
  return job.engines.use({ model: asked.model, device: job.device, precision: request.precision }, async (engine, numbers) => {
    const { crop, frame } = await cropOf(job, engine, asked.detector);
    job.onProgress({ stage: 'preparing', what: 'preparing the model' });
    return use({ engine, plan: planInFrame({ ...asked, ...numbers }, job.path, frame), face: { crop, track: job.face - 1 }, frame });
  });
}

async function cropOf(job: FaceInFile, engine: Engine, detector: DetectorName): Promise<{ readonly crop: Tensor; readonly frame: number }> {
  if (kindOf(job.path) === 'clip') return clipCrop(job, engine, detector);
  const { path, request, face, frame = 0, signal, onProgress } = job;
  if (frame !== 0) throw new OptionFailure('usage', 'frame', `${path} is a picture: it has no frame ${frame + 1}`);
  const { view } = await readPicture(path);
  if (request.aligned === true) return { crop: alignedCrop(view, engine.faceSize), frame };
  onProgress({ stage: 'detecting', frame: 0, frames: 1 });
  const { faces: [found] } = await facesToRestore(path, view, [face], engine.finder(detector), signal, 'face');
  if (!found) throw new KernelFailure('input', `${path}: no face was found`);
  return { crop: rgbToTensor(cropFace(view, found.toCrop, engine.faceSize)), frame };
}

async function clipCrop({ path, face, frame: wanted, signal, onProgress }: FaceInFile, engine: Engine, detector: DetectorName): Promise<{ readonly crop: Tensor; readonly frame: number }> {
  const info = await probeClip(path);
  const tracks = await tracksOnce(path, detector, () => findTracks(info, engine.finder(detector), { signal, onProgress }));
  const track = tracks.find(({ id }) => id === face - 1);
  if (!track) refuseNumbers(path, tracks.length, [face], 'face');
  if (!track) throw new KernelFailure('input', `${path}: no face was found`);
  const last = track.first + track.landmarks.length - 1;
  const frame = wanted ?? track.first + (track.landmarks.length >> 1);
  if (frame < track.first || frame > last) throw new OptionFailure('usage', 'frame', `face ${face} of ${path} is seen in the frames ${track.first + 1} to ${last + 1}, not in frame ${frame + 1}`);
  const ticks = info.timestamps[frame]!;
  for await (const image of framesFrom(info, ticks, { signal })) {
    if (image.ticks >= ticks) return { crop: rgbToTensor(cropFace(image, steadyAlignment(track, engine.faceSize)[frame - track.first]!, engine.faceSize)), frame };
  }
  throw new KernelFailure('input', `${path}: frame ${frame + 1} cannot be decoded`);
}
