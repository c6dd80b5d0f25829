import { cropFace, fromScaled } from '../faces/align.ts';
import { eyeDistance } from '../faces/face.ts';
import { gateOfTrack, type Gate } from '../faces/gate.ts';
import type { Similarity } from '../faces/similarity.ts';
import type { Track } from '../faces/tracker.ts';
import type { Frame } from '../media/decode.ts';
import type { ClipInfo } from '../media/probe.ts';
import { rgbToTensor, tensorToRgb } from '../tensor/imageTensor.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { steadyAlignment } from './findTracks.ts';
import { colouredCrop, pasteCrop, type Pasting, type RestoredCrop } from './pasting.ts';
import { frameSeed } from './plan.ts';
import type { RestoredFace } from './progress.ts';
import type { FaceChoice } from '../recipe/restoreOptions.ts';
import { allInGroups } from './allDone.ts';
import { restoreFace } from './restoreFace.ts';
import { withLabels, type FileJob } from './restoreImage.ts';
import type { CropStore } from './restorationStore.ts';
import type { TrajectoryFiles } from './trajectoryFiles.ts';

/** Batches of crops that are cut from their frames at once. */
const groupsAtOnce = 8;

type FrameSize = Pick<RgbImage, 'width' | 'height'>;

/** A clip whose faces are known, and the restored crops there are of it. */
export interface ClipWork {
  readonly info: ClipInfo;
  readonly tracks: readonly Track[];
  readonly transforms: ReadonlyMap<Track, readonly Similarity[]>;
  /** undefined: crops are not kept. */
  readonly store: CropStore | undefined;
  readonly pasting: Pasting;
}

export function clipWork(info: ClipInfo, tracks: readonly Track[], faceSize: number, store: CropStore | undefined, pasting: Pasting): ClipWork {
  return { info, tracks, pasting, transforms: new Map(tracks.map((track) => [track, steadyAlignment(track, faceSize)])), store };
}

/** Faces that nobody asked for by number are restored where there is something to restore from. */
export function chooseTracks(tracks: readonly Track[], frame: FrameSize, choice: FaceChoice): readonly Track[] {
  if (typeof choice === 'object') return tracks.filter(({ id }) => choice.includes(id + 1));
  const good = tracks.filter(({ landmarks }) => gateOfTrack(landmarks, frame) === undefined);
  if (choice === 'all') return good;
  const size = (track: Track): number => track.landmarks.reduce((largest, landmarks) => Math.max(largest, eyeDistance({ landmarks })), 0);
  return [...good].sort((a, b) => size(b) - size(a)).slice(0, 1);
}

/** The tracks that `all` leaves out, and why. */
export function gatedTracks(tracks: readonly Track[], frame: FrameSize, choice: FaceChoice): readonly { readonly number: number; readonly gate: Gate }[] {
  if (choice !== 'all') return [];
  return tracks.flatMap(({ id, landmarks }) => {
    const gate = gateOfTrack(landmarks, frame);
    return gate ? [{ number: id + 1, gate }] : [];
  });
}

/** A track in one frame, and where its crop lies in it. */
export interface PlacedTrack {
  readonly track: Track;
  readonly toCrop: Similarity;
}

/** The faces that a frame has, and where their crops lie in it. */
export function facesAt({ tracks, transforms }: ClipWork, frame: number): readonly PlacedTrack[] {
  return tracks.filter(({ first, landmarks }) => frame >= first && frame < first + landmarks.length).map((track) => ({ track, toCrop: transforms.get(track)![frame - track.first]! }));
}

/** The frames that have faces, and those of them whose faces are all stored. */
export function storedFrames({ info, tracks, store }: ClipWork): { readonly withFaces: number; readonly stored: readonly number[] } {
  let withFaces = 0;
  const stored = info.timestamps.flatMap((_, frame) => {
    const there = tracks.filter(({ first, landmarks }) => frame >= first && frame < first + landmarks.length);
    if (there.length > 0) withFaces++;
    return there.length > 0 && there.every(({ id }) => store?.has(id, frame) === true) ? [frame] : [];
  });
  return { withFaces, stored };
}

/** A track as it is named in results. */
export function reportedTrack({ id, first, box, landmarks }: Track): RestoredFace {
  return { number: id + 1, box, frames: { first, last: first + landmarks.length - 1, count: landmarks.length } };
}

/** How many faces there are in the frames from `first` to `last`. */
export function countFaces({ tracks }: ClipWork, first: number, last: number): number {
  return tracks.reduce((sum, track) => sum + Math.max(0, Math.min(last, track.first + track.landmarks.length - 1) - Math.max(first, track.first) + 1), 0);
}

/** What the faces of a frame are pasted onto, in the size of the result. */
export type FrameBackground = (frame: Frame) => Promise<RgbImage>;

/**
 * Passes frames on with their restored faces in them. What the store holds is not restored again; what is restored goes into the store.
 * @param range frames outside are passed on with what the store holds
 * @param background the frame itself where absent, and pasted at its own size
 * @param only whether a face is restored in a frame; each in every one where absent
 * @param onFace is told of each face within the range, whether it was there already
 */
export async function* restoredFrames(work: ClipWork, frames: AsyncIterable<Frame>, job: FileJob, range: FrameRange, { trajectories, background, only, onFace }: { readonly trajectories?: TrajectoryFiles | undefined; readonly background?: FrameBackground | undefined; readonly only?: (track: number, frame: number) => boolean; readonly onFace?: (before: boolean) => void } = {}): AsyncGenerator<Frame> {
  const { engine, plan, signal, onProgress } = job;
  const total = work.info.timestamps.length;
  const faces = countFaces(work, range.first, range.last);
  const pasting: Pasting = background ? work.pasting : { ...work.pasting, upscale: 1 };
  let face = 0;
  const wanted = ({ index }: Frame): boolean => index >= range.first && index <= range.last;
  const restoreOne = async (frame: Frame, { track, toCrop }: PlacedTrack): Promise<RestoredCrop | undefined> => {
    if (only?.(track.id, frame.index) === false) return undefined;
    const middle = trajectories !== undefined && frame.index === track.first + (track.landmarks.length >> 1);
    const known = middle ? undefined : await work.store?.crop(track.id, frame.index);
    if (!known && !wanted(frame)) return undefined;
    const onStep = (step: number, steps: number): void => {
      onProgress({ stage: 'restoring', frame: frame.index, frames: total, face, faces, step, steps });
    };
    // faces may overlap: all are cut from the frame as it was
    const crop = known ? undefined : rgbToTensor(cropFace(frame, toCrop, engine.faceSize));
    const image = known ?? tensorToRgb(await (middle ? trajectories.restore(track.id + 1, frame.index, crop!, onStep)
      : restoreFace(crop!, { engine, plan, seed: frameSeed(plan, frame.index), track: track.id, signal, onStep })));
    if (!known) await work.store?.put(track.id, frame.index, image);
    const restored = await withLabels(image, { engine, plan, signal, known: known !== undefined, ...(work.store ? { store: work.store } : {}), track: track.id, frame: frame.index });
    if (wanted(frame)) {
      face++;
      onFace?.(known !== undefined);
    }
    return restored;
  };
  // frames of which the device computes the faces together; on a CPU one
  for await (const together of inGroups(frames, (group) => group.length >= engine.batchSize)) {
    const placed = together.map((frame) => facesAt(work, frame.index));
    const wantedFaces = together.flatMap((frame, i) => placed[i]!.map((one) => ({ frame, one })));
    const restored = await allInGroups(wantedFaces, groupsAtOnce * engine.batchSize, ({ frame, one }) => restoreOne(frame, one), signal);
    let next = 0;
    for (const [i, frame] of together.entries()) {
      const target = background ? await background(frame) : { ...frame, data: frame.data.slice() };
      for (const { toCrop } of placed[i]!) {
        const crop = restored[next++];
        if (crop) pasteCrop({ picture: target, toCrop, strength: job.strength }, colouredCrop(crop, frame, toCrop, pasting), crop.labels, pasting);
      }
      if (wanted(frame)) onProgress({ stage: 'frameDone', frame: frame.index });
      yield { ...target, index: frame.index };
    }
  }
}

async function* inGroups<T>(all: AsyncIterable<T>, full: (group: readonly T[]) => boolean): AsyncGenerator<readonly T[]> {
  let group: T[] = [];
  for await (const one of all) {
    group.push(one);
    if (!full(group)) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

export interface FrameRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Pastes the stored crops into a frame that may be scaled.
 * @param scale size of the frame over that of the clip
 * @param background what is pasted onto; the frame itself where absent
 * @returns undefined when nothing is stored for it and nothing was to be done
 */
export async function pasteStored(work: ClipWork, frame: RgbImage, index: number, scale: number, strength = 1, background?: RgbImage): Promise<RgbImage | undefined> {
  let target = background;
  const pasting: Pasting = background ? work.pasting : { ...work.pasting, upscale: 1 };
  for (const { track, toCrop: place } of facesAt(work, index)) {
    const image = work.store?.has(track.id, index) === true ? await work.store.crop(track.id, index) : undefined;
    const labels = image && pasting.mask === 'parsing' ? await work.store?.labels(track.id, index) : undefined;
    if (!image) continue;
    const toCrop = fromScaled(place, scale);
    target ??= { width: frame.width, height: frame.height, data: frame.data.slice() };
    pasteCrop({ picture: target, toCrop, strength }, colouredCrop({ image }, frame, toCrop, pasting), labels, pasting);
  }
  return target;
}
