import { alignment, cropFace } from '../../faces/align.ts';
import type { Landmarks } from '../../faces/face.ts';
import { KernelFailure } from '../../failure.ts';
import type { Similarity } from '../../faces/similarity.ts';
import type { ClipInfo } from '../../media/probe.ts';
import type { FaceChoice } from '../../recipe/restoreOptions.ts';
import type { RgbImage } from '../../tensor/rgbImage.ts';
import type { DetectorName } from '../../weights/detectorNames.ts';
import { chooseTracks } from '../clipWork.ts';
import { findTracks, steadyAlignment } from '../findTracks.ts';
import { tracksOnce } from '../foundFaces.ts';
import { placedFaces, refuseNumbers, everyFace } from '../chosenFaces.ts';
import type { ActionJob } from './actionJob.ts';
import type { MeasuredPart } from './measurement.ts';

/** Sides of the crops that faces are measured in: the nearest to how large they are is taken. */
const sides = [128, 256, 512];

/** Which parts of a file are measured. */
export interface MeasuredRegion {
  /** Numbers of the faces; undefined: the whole picture. */
  readonly faces?: readonly number[];
  /** Side of their crops in pixels. */
  readonly side?: number;
  /** @param frame counted from 0 */
  readonly of: (image: RgbImage, frame: number) => readonly MeasuredPart[];
}

export const wholePicture: MeasuredRegion = { of: (image) => [{ key: 0, image }] };

interface Search {
  readonly choice: FaceChoice;
  readonly detector: DetectorName;
}

/** @throws KernelFailure('input') without a face, ('usage') without one of those that were named */
export async function facesOfPicture(path: string, view: RgbImage, { choice, detector }: Search, { engines, signal, onProgress }: ActionJob): Promise<MeasuredRegion> {
  onProgress({ stage: 'detecting', frame: 0, frames: 1 });
  const finder = { ...engines.detector.finder(detector), faceSize: sides[0]! };
  const faces = await placedFaces(path, view, choice, finder, signal);
  if (faces.length === 0) {
    refuseNumbers(path, (await everyFace(path, view, finder, signal)).length, choice);
    throw noFace(path);
  }
  const side = sideFor(faces.map(({ face }) => face.landmarks));
  return { faces: faces.map(({ number }) => number), side, of: (image) => faces.map(({ number, face }) => ({ key: number, image: cropFace(image, alignment(face.landmarks, side), side) })) };
}

/** Likewise, of a clip: its tracks with the alignment of a restoration, steadied over time. */
export async function facesOfClip(info: ClipInfo, { choice, detector }: Search, { engines, signal, onProgress }: ActionJob): Promise<MeasuredRegion> {
  const found = await tracksOnce(info.path, detector, () => findTracks(info, engines.detector.finder(detector), { signal, onProgress }));
  const tracks = chooseTracks(found, info, choice);
  if (tracks.length === 0) {
    refuseNumbers(info.path, found.length, choice);
    throw noFace(info.path);
  }
  const side = sideFor(tracks.map(({ landmarks }) => landmarks[landmarks.length >> 1]!));
  const placed = tracks.map((track) => ({ track, toCrop: steadyAlignment(track, side) }));
  const at = ({ track: { id, first }, toCrop }: (typeof placed)[number], frame: number): readonly [key: number, toCrop: Similarity | undefined] => [id, toCrop[frame - first]];
  return {
    faces: tracks.map(({ id }) => id + 1), side,
    of: (image, frame) => placed.flatMap((one) => {
      const [key, toCrop] = at(one, frame);
      return toCrop ? [{ key, image: cropFace(image, toCrop, side) }] : [];
    }),
  };
}

/** The largest face decides, so that no detail of it is lost. */
function sideFor(faces: readonly Landmarks[]): number {
  const largest = Math.max(...faces.map((landmarks) => {
    const { a, b } = alignment(landmarks, 1);
    return 1 / Math.hypot(a, b);
  }));
  return sides.toSorted((one, other) => Math.abs(Math.log(one / largest)) - Math.abs(Math.log(other / largest)))[0]!;
}

function noFace(path: string): KernelFailure {
  return new KernelFailure('input', `${path}: no face was found to measure in; 'region: picture' measures all of it`);
}
