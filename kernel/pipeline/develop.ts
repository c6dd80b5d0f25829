import { rename, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { decodeFrames, type Frame } from '../media/decode.ts';
import { encodeClip } from '../media/encode.ts';
import { readPicture, resultExtension, writePicture } from '../media/image.ts';
import { probeClip, type ClipInfo } from '../media/probe.ts';
import { framesFrom } from '../media/seek.ts';
import { KernelFailure, messageOf } from '../failure.ts';
import { breathe } from '../faces/breathe.ts';
import type { Track } from '../faces/tracker.ts';
import { hiddenBeside } from '../media/atomicFile.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { backgroundOf } from './background.ts';
import { chooseTracks, clipWork, pasteStored, reportedTrack, restoredFrames, storedFrames, type ClipWork, type FrameRange } from './clipWork.ts';
import { kindOf } from './collectFiles.ts';
import type { Engine } from './engine.ts';
import type { EnginePool } from './enginePool.ts';
import { FaceStores } from './faceStores.ts';
import { findTracks } from './findTracks.ts';
import { tracksOnce } from './foundFaces.ts';
import { watchInput, withLockfile } from './lockfile.ts';
import { besideCrops } from './pasting.ts';
import { planOf, turnsOf, type Plan } from './plan.ts';
import type { FileResult, OnProgress, RestoredFace, RestoredFile } from './progress.ts';
import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import { restoreFace } from './restoreFace.ts';
import { facesToRestore, placedFaces } from './chosenFaces.ts';
import { pasteRestored, reportedFace, restoreFaces, storedCrops, type CropRestorer, type FileJob } from './restoreImage.ts';
import { GreyWatch } from './greyOriginals.ts';
import { resultStem } from './resultStem.ts';
import { enlargedClip, frameBackground } from './restoreVideo.ts';
import { walkFace, type Keeping } from './walks.ts';

export interface DevelopJob {
  readonly path: string;
  readonly request: RestoreRequest;
  readonly engines: EnginePool;
  readonly device: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  /** Whether the recipe that makes an exported result again is written beside it; it is where absent. */
  readonly lockfile?: boolean;
  /** How the walks of a picture's faces are kept, for whoever looks into them next; not at all where absent. */
  readonly keeping?: Keeping;
}

export interface Developed {
  readonly faces: number;
  /** Frames that were looked at. */
  readonly frames: number;
  /** Of all faces in all of these frames: how many were there already. */
  readonly before: 'none' | 'some' | 'all';
  readonly seconds: number;
}

/**
 * Restores the faces of a picture or of a part of a clip into the store, without writing a result: views show it at once, and it can be exported as it is chosen then.
 * @param range of a clip; all of it where absent
 * @throws KernelFailure('output') when the store cannot be written
 */
export function developFaces(job: DevelopJob, range?: FrameRange): Promise<Developed> {
  return withStore(job, async (parts) => {
    await parts.store.prepare();
    return kindOf(job.path) === 'clip' ? developClip(parts, range) : developPicture(parts);
  });
}

/** Where a result goes. */
export interface ExportPlace {
  readonly path: string;
  /** A file of this name gives way; else the next free name is taken. */
  readonly replace: boolean;
}

/**
 * Writes the picture or the clip with the chosen ones of the restored faces in it, beside the original or where the request says.
 * @param place for the result; the one the request names where absent
 * @throws KernelFailure('usage') when none of the chosen faces is restored
 */
export async function exportDeveloped(job: DevelopJob, place?: ExportPlace): Promise<FileResult> {
  const input = job.lockfile === false ? undefined : watchInput(job.path, job.signal);
  return withStore(job, async (parts) => {
    const began = performance.now();
    const write = (wanted?: string): Promise<Exported> => (kindOf(job.path) === 'clip' ? exportClip(parts, wanted) : exportPicture(parts, wanted));
    const done = place?.replace === true ? await replaceWhole(place.path, write) : await write(place?.path);
    const { earlierDevices } = parts.store;
    const result = { status: 'restored', input: job.path, ...done, seconds: (performance.now() - began) / 1000, ...(earlierDevices.length > 0 ? { earlierDevices } : {}) } as const;
    return input ? withLockfile(result, { ...parts, way: 'exported', input, replaces: place?.replace === true }) : result;
  });
}

/** Lets `write` make a hidden file beside the target, which then takes the target's place: until then, and where it fails, the file that was there stays whole. */
async function replaceWhole(target: string, write: (free: string) => Promise<Exported>): Promise<Exported> {
  const written = await write(hiddenBeside(target));
  try {
    await rename(written.output, target);
    return { ...written, output: target };
  } catch (error) {
    await rm(written.output, { force: true });
    throw new KernelFailure('output', `${target} cannot be replaced: ${messageOf(error)}`, { cause: error });
  }
}

/** What a job comes to: its plan, the networks, and the store that is kept while it works. */
type Parts = Pick<DevelopJob, 'path' | 'request' | 'signal' | 'onProgress' | 'keeping'> & { readonly plan: Plan; readonly engine: Engine; readonly store: FaceStores };

async function withStore<T extends object>({ engines, device, ...job }: DevelopJob, work: (parts: Parts) => Promise<T>): Promise<T & { readonly seconds: number }> {
  const began = performance.now();
  const asked = await planOf(job.request);
  return engines.use({ model: asked.model, device, precision: job.request.precision }, async (engine, numbers) => {
    const plan = { ...asked, ...numbers };
    const store = await FaceStores.of(job.path, plan);
    const letGo = store.hold();
    try {
      return { ...await work({ ...job, plan, engine, store }), seconds: (performance.now() - began) / 1000 };
    } finally {
      letGo();
    }
  });
}

type Exported = Pick<RestoredFile, 'output' | 'notes' | 'faces' | 'clip'>;

async function exportClip(parts: Parts, wanted: string | undefined): Promise<Exported> {
  const { path, request, store, signal } = parts;
  const work = await findWork(parts);
  const { withFaces, stored } = storedFrames(work);
  const restored = work.tracks.filter(({ id, first, landmarks }) => landmarks.some((_, i) => store.has(id, first + i)));
  if (restored.length === 0) throw nothingStored(path);
  const grey = new GreyWatch();
  const result = await encodeClip(wanted ?? resultStem(path, request) + extname(path), enlargedClip(work.info, parts.plan.pasting), exported(work, parts, grey), { signal, ...(request.codec === undefined ? {} : { codec: request.codec }) });
  const partly = stored.length < withFaces ? [`${stored.length} of ${withFaces} frames with faces are restored completely`] : [];
  return {
    output: result.path, notes: [...result.notes, ...partly, ...grey.notes(restored.length, parts.plan)], clip: { frames: work.info.timestamps.length, ...(result.codec === undefined ? {} : { codec: result.codec }) },
    faces: restored.map((track) => ({ ...reportedTrack(track), ...storedParts(track, store) })),
  };
}

/** The frames in which a face is restored, where these are not all it is seen in. */
function storedParts({ id, first, landmarks }: Track, store: FaceStores): Pick<RestoredFace, 'restored'> {
  const parts: { first: number; last: number }[] = [];
  for (const [i] of landmarks.entries()) {
    const frame = first + i;
    if (!store.has(id, frame)) continue;
    const before = parts.at(-1);
    if (before?.last === frame - 1) before.last = frame;
    else parts.push({ first: frame, last: frame });
  }
  return parts.length === 1 && parts[0]!.last - parts[0]!.first + 1 === landmarks.length ? {} : { restored: parts };
}

async function exportPicture({ path, request, plan, engine, store, signal, onProgress }: Parts, wanted: string | undefined): Promise<Exported> {
  const { pasting, detector } = plan;
  const picture = await readPicture(path);
  const faces = await placedFaces(path, picture.view, request.faces ?? 'all', engine.finder(detector), signal);
  const grey = new GreyWatch().look(picture.view);
  const stored = await storedCrops(faces, store, pasting);
  if (stored.length === 0) throw nothingStored(path);
  const background = await backgroundOf(picture, { engine, pasting, signal, onProgress });
  for (const done of stored) {
    await breathe(signal);
    await pasteRestored(background, done, pasting, request.strength ?? 1);
  }
  const output = await writePicture(wanted ?? resultStem(path, request) + resultExtension(path, picture.format), background.picture.image, background.picture);
  return { output, notes: [...picture.notes, ...background.notes, ...grey.notes(stored.length, plan)], faces: stored.map(({ face }) => reportedFace(face)) };
}

function nothingStored(path: string): KernelFailure {
  return new KernelFailure('usage', `nothing of ${path} is restored yet; restore it first`);
}

async function findWork({ path, request, plan, signal, onProgress, engine, store }: Parts): Promise<ClipWork> {
  const info = await probeClip(path);
  const tracks = await tracksOnce(path, plan.detector, () => findTracks(info, engine.finder(plan.detector), { signal, onProgress }));
  return clipWork(info, chooseTracks(tracks, info, request.faces ?? 'all'), engine.faceSize, store, plan.pasting);
}

async function developPicture(parts: Parts): Promise<Omit<Developed, 'seconds'>> {
  const { path, request, engine, plan, store, signal, onProgress } = parts;
  const { view } = await readPicture(path);
  onProgress({ stage: 'detecting', frame: 0, frames: 1 });
  const { faces } = await facesToRestore(path, view, request.faces ?? 'all', engine.finder(plan.detector), signal);
  onProgress({ stage: 'found', faces: faces.length, frames: 1 });
  const done: boolean[] = [];
  if (faces.length > 0) {
    await engine.checkBeside(besideCrops(plan.pasting), signal);
    for await (const { before } of restoreFaces(view, faces, fileJob(parts), store, keepingWalks(parts))) done.push(before);
  }
  onProgress({ stage: 'frameDone', frame: 0 });
  return { faces: done.length, frames: 1, before: howMany(done) };
}

/** A restoration is a walk: its states are kept on the way. Where they cannot be kept the face is restored without. */
function keepingWalks({ plan, engine, signal, keeping }: Parts): CropRestorer | undefined {
  if (!keeping || plan.method.kind !== 'diffusion' || plan.blend) return undefined;
  return async (number, crop, onStep) => {
    const track = number - 1;
    try {
      const walk = await walkFace({ crop, track }, plan, turnsOf(plan, track), keeping, { engine, signal, onStep });
      const result = await walk.result();
      if (result) return result;
    } catch (error) {
      if (!(error instanceof KernelFailure) || (error.kind !== 'output' && error.kind !== 'input')) throw error;
    }
    return restoreFace(crop, { engine, plan, seed: plan.seed, track, signal, onStep });
  };
}

async function developClip(parts: Parts, range?: FrameRange): Promise<Omit<Developed, 'seconds'>> {
  const { engine, plan, signal, onProgress } = parts;
  const work = await findWork(parts);
  onProgress({ stage: 'found', faces: work.tracks.length, frames: work.info.timestamps.length });
  if (work.tracks.length === 0) return { faces: 0, frames: 0, before: 'none' };
  onProgress({ stage: 'preparing', what: 'preparing the model' });
  await engine.checkBeside(besideCrops(plan.pasting), signal);
  await engine.prepare(signal);
  const last = work.info.timestamps.length - 1;
  const asked = { first: Math.max(0, range?.first ?? 0), last: Math.min(last, range?.last ?? last) };
  const frames = asked.first === 0 && asked.last === last ? decodeFrames(work.info, signal) : partOf(work.info, asked, signal);
  const done: boolean[] = [];
  let count = 0;
  for await (const frame of restoredFrames(work, frames, fileJob(parts), asked, { onFace: (before) => { done.push(before); } })) if (frame.index >= asked.first) count++;
  return { faces: work.tracks.length, frames: count, before: howMany(done) };
}

function howMany(before: readonly boolean[]): Developed['before'] {
  return !before.includes(true) ? 'none' : before.includes(false) ? 'some' : 'all';
}

async function* partOf(info: ClipInfo, { first, last }: FrameRange, signal: AbortSignal): AsyncGenerator<Frame> {
  for await (const { ticks, ...image } of framesFrom(info, info.timestamps[first]!, { signal })) {
    const index = info.timestamps.indexOf(ticks);
    if (index < first) continue;
    yield { ...image, index };
    if (index >= last) return;
  }
}

async function* exported(work: ClipWork, parts: Parts, grey: GreyWatch): AsyncGenerator<RgbImage> {
  const { request, signal, onProgress } = parts;
  const background = frameBackground(parts);
  for await (const frame of grey.watching(decodeFrames(work.info, signal))) {
    onProgress({ stage: 'exporting', frame: frame.index, frames: work.info.timestamps.length });
    yield await pasteStored(work, frame, frame.index, 1, request.strength ?? 1, await background?.(frame)) ?? frame;
  }
}

function fileJob({ path, request, signal, onProgress, engine, plan }: Parts): FileJob {
  return { input: path, outputStem: '', engine, plan, faces: request.faces ?? 'all', strength: 1, trajectory: false, keepCrops: true, signal, onProgress };
}
