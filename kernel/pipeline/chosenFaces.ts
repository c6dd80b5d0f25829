import { alignment } from '../faces/align.ts';
import { eyeDistance, type Face } from '../faces/face.ts';
import { gateNotes, gateOf, type Gate } from '../faces/gate.ts';
import type { Similarity } from '../faces/similarity.ts';
import { OptionFailure } from '../failure.ts';
import type { FaceChoice } from '../recipe/restoreOptions.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import type { CropFinder } from './engine.ts';
import type { FaceFinder } from './faceDetector.ts';
import { facesOnce } from './foundFaces.ts';
import { manyWarning, refuseMany } from './manyFaces.ts';

/** A face of a picture, counted from 1 in reading order, and where its crop lies. */
export interface PlacedFace {
  readonly number: number;
  readonly face: Face;
  readonly toCrop: Similarity;
}

/** What was chosen among the faces of a picture, and what a person should know about the choice. */
export interface ChosenFaces {
  readonly faces: readonly PlacedFace[];
  readonly notes: readonly string[];
  /** The one of the notes that should be read before they are restored. */
  readonly warning: string | undefined;
}

/**
 * Finds the faces of a picture, or remembers them, and chooses among them.
 * @returns none where the picture has none, or none of those that were chosen
 */
export async function placedFaces(path: string, view: RgbImage, choice: FaceChoice, finder: CropFinder, signal: AbortSignal): Promise<readonly PlacedFace[]> {
  return placed(await everyFace(path, view, finder, signal), view, choice, finder.faceSize);
}

/** All faces of a picture, found or remembered; those too that are not restored unless they are asked for. */
export function everyFace(path: string, view: RgbImage, finder: FaceFinder, signal: AbortSignal): Promise<readonly Face[]> {
  return finder.afresh === true ? finder.detect(view, { signal }) : facesOnce(path, finder.detector, () => finder.detect(view, { signal }));
}

function placed(found: readonly Face[], view: RgbImage, choice: FaceChoice, size: number): readonly PlacedFace[] {
  return chooseFaces(found, view, choice).map(({ face, number }) => ({ number, face, toCrop: alignment(face.landmarks, size) }));
}

/**
 * Likewise, for a restoration: numbers of faces that are not there are no picture without a face.
 * @param option that has the choice
 * @throws OptionFailure('usage') when there are faces and none has a chosen number, or when there are more than a picture has
 */
export async function facesToRestore(path: string, view: RgbImage, choice: FaceChoice, finder: CropFinder, signal: AbortSignal, option: 'face' | 'faces' = 'faces'): Promise<ChosenFaces> {
  const found = await everyFace(path, view, finder, signal);
  const faces = placed(found, view, choice, finder.faceSize);
  if (faces.length === 0) refuseNumbers(path, found.length, choice, option);
  refuseMany(path, faces.length, choice);
  const warning = manyWarning(found.length);
  return { faces, warning, notes: [...(warning === undefined ? [] : [warning]), ...missingNumbers(found.length, choice), ...gateNotes(gatedFaces(found, view, choice))] };
}

/** @throws OptionFailure('usage') when there are faces to choose from */
export function refuseNumbers(path: string, found: number, choice: FaceChoice, option: 'face' | 'faces' = 'faces'): void {
  if (found > 0 && typeof choice === 'object') throw new OptionFailure('usage', option, `${path} has ${found === 1 ? '1 face' : `faces 1 to ${found}`}, and none with the number ${[...new Set(choice)].join(' or ')}`);
}

/** What to say of numbers that are not there while others are. @param found how many faces there are */
export function missingNumbers(found: number, choice: FaceChoice): readonly string[] {
  const missing = typeof choice === 'object' ? [...new Set(choice)].filter((number) => number > found) : [];
  if (missing.length === 0) return [];
  return [`there ${found === 1 ? 'is 1 face' : `are ${found} faces`}, and none with the number ${missing.join(' or ')}`];
}

/** Faces that nobody asked for by number are restored where there is something to restore from. */
function chooseFaces(found: readonly Face[], view: RgbImage, choice: FaceChoice): readonly { readonly face: Face; readonly number: number }[] {
  const all = found.map((face, i) => ({ face, number: i + 1 }));
  if (typeof choice === 'object') return all.filter(({ number }) => choice.includes(number));
  const good = all.filter(({ face }) => gateOf(face.landmarks, view) === undefined);
  if (choice === 'all') return good;
  return [...good].sort((a, b) => eyeDistance(b.face) - eyeDistance(a.face)).slice(0, 1);
}

/** The faces that `all` leaves out, and why. */
function gatedFaces(found: readonly Face[], view: RgbImage, choice: FaceChoice): readonly { readonly number: number; readonly gate: Gate }[] {
  if (choice !== 'all') return [];
  return found.flatMap(({ landmarks }, i) => {
    const gate = gateOf(landmarks, view);
    return gate ? [{ number: i + 1, gate }] : [];
  });
}
