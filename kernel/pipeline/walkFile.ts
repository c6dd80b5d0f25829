import { basename, dirname, extname, join } from 'node:path';
import { cropFace } from '../faces/align.ts';
import { KernelFailure } from '../failure.ts';
import { readPicture } from '../media/image.ts';
import { probeClip } from '../media/probe.ts';
import { framesFrom } from '../media/seek.ts';
import { rgbToTensor } from '../tensor/imageTensor.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { exportWalk } from '../trajectory/exportWalk.ts';
import type { WalkFormat, WalkInfo } from '../trajectory/walkTypes.ts';
import type { DetectorName } from '../weights/detectorNames.ts';
import { kindOf } from './collectFiles.ts';
import type { Engine } from './engine.ts';
import type { EnginePool } from './enginePool.ts';
import { findTracks, steadyAlignment } from './findTracks.ts';
import { tracksOnce } from './foundFaces.ts';
import { planOf, type Plan } from './plan.ts';
import type { OnProgress } from './progress.ts';
import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import { alignedCrop, facesToRestore } from './restoreImage.ts';
import { identityOf, walkParameters, withWalk, type Keeping, type WalkRun } from './walks.ts';

export interface WalkFileJob {
  readonly path: string;
  /** Model, sampler, seed; `output` and `aligned` as of a restoration. */
  readonly request: RestoreRequest;
  /** Counted from 1. */
  readonly face: number;
  /** Of a clip, counted from 0; the middle of where the face is seen where absent. */
  readonly frame?: number;
  readonly keeping: Keeping;
  readonly formats: readonly WalkFormat[];
  readonly engines: EnginePool;
  readonly device: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/**
 * Walks one face of a file, or finds its walk kept, and writes it into a folder `name.face-N.trajectory` (of a clip `name.face-N.frame-M.trajectory`, M counted from 1).
 * @throws KernelFailure('usage') when the face is not there, or `aligned` does not fit
 */
export async function walkFile(job: WalkFileJob): Promise<{ readonly folder: string; readonly info: WalkInfo }> {
  const { request } = job;
  const asked = await planOf(request);
  refuseAligned(job);
  identityOf(asked, [], asked.seed);                                    // without a walk nothing has to be looked for
  return job.engines.use({ model: asked.model, device: job.device, precision: request.precision }, (engine, numbers) => walkFileOn(engine, { ...asked, ...numbers }, job));
}

/** A crop that is aligned already is one face in one picture. */
function refuseAligned({ path, request, face }: WalkFileJob): void {
  if (request.aligned !== true) return;
  if (kindOf(path) === 'clip') throw new KernelFailure('usage', `${path} is a clip: --aligned is for a picture that is one aligned face`);
  if (face !== 1) throw new KernelFailure('usage', `${path} is taken as one aligned face: there is no face ${face}; leave --face or --aligned out`);
}

async function walkFileOn(engine: Engine, plan: Plan, job: WalkFileJob): Promise<{ readonly folder: string; readonly info: WalkInfo }> {
  const { path, request, face, formats, signal, onProgress } = job;
  const { crop, frame } = await cropOf(job, engine, plan.detector);
  onProgress({ stage: 'preparing', what: 'preparing the model' });
  const run: WalkRun = {
    engine, signal,
    onStep: (step, steps) => {
      onProgress({ stage: 'walking', walk: 0, walks: 1, step, steps });
    },
  };
  const name = `${basename(path, extname(path))}.face-${face}${kindOf(path) === 'clip' ? `.frame-${frame + 1}` : ''}.trajectory`;
  const parameters = await walkParameters(path, plan, { face, frame, turns: [] });
  return withWalk({ crop, track: face - 1 }, plan, [], job.keeping, run, async (walk) => ({
    folder: await exportWalk(walk, join(request.output ?? dirname(path), name), formats, parameters, signal, (state, states) => { onProgress({ stage: 'writingStates', state, states }); }), info: walk.info,
  }));
}

async function cropOf(job: WalkFileJob, engine: Engine, detector: DetectorName): Promise<{ readonly crop: Tensor; readonly frame: number }> {
  if (kindOf(job.path) === 'clip') return clipCrop(job, engine, detector);
  const { path, request, face, frame = 0, signal, onProgress } = job;
  if (frame !== 0) throw new KernelFailure('usage', `${path} is a picture: it has no frame ${frame + 1}`);
  const { view } = await readPicture(path);
  if (request.aligned === true) return { crop: alignedCrop(view, engine.faceSize), frame };
  onProgress({ stage: 'detecting', frame: 0, frames: 1 });
  const { faces: [found] } = await facesToRestore(path, view, [face], engine.finder(detector), signal);
  if (!found) throw new KernelFailure('input', `${path}: no face was found`);
  return { crop: rgbToTensor(cropFace(view, found.toCrop, engine.faceSize)), frame };
}

async function clipCrop({ path, face, frame: wanted, signal, onProgress }: WalkFileJob, engine: Engine, detector: DetectorName): Promise<{ readonly crop: Tensor; readonly frame: number }> {
  const info = await probeClip(path);
  const tracks = await tracksOnce(path, detector, () => findTracks(info, engine.finder(detector), { signal, onProgress }));
  const track = tracks.find(({ id }) => id === face - 1);
  if (!track) throw new KernelFailure(tracks.length === 0 ? 'input' : 'usage', tracks.length === 0 ? `${path}: no face was found` : `${path} has ${tracks.length === 1 ? '1 face' : `faces 1 to ${tracks.length}`}, and none with the number ${face}`);
  const last = track.first + track.landmarks.length - 1;
  const frame = wanted ?? track.first + (track.landmarks.length >> 1);
  if (frame < track.first || frame > last) throw new KernelFailure('usage', `face ${face} of ${path} is seen in the frames ${track.first + 1} to ${last + 1}, not in frame ${frame + 1}`);
  const ticks = info.timestamps[frame]!;
  for await (const image of framesFrom(info, ticks, { signal })) {
    if (image.ticks >= ticks) return { crop: rgbToTensor(cropFace(image, steadyAlignment(track, engine.faceSize)[frame - track.first]!, engine.faceSize)), frame };
  }
  throw new KernelFailure('input', `${path}: frame ${frame + 1} cannot be decoded`);
}
