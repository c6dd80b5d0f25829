import type { RgbImage } from '../tensor/rgbImage.ts';
import { eyeDistance, type Landmarks } from './face.ts';
import { enlargement } from './workingPicture.ts';

/** Why a face that was found is not restored unless it is asked for by its number. */
export type Gate = 'tiny' | 'profile';

/** Eyes closer than this many pixels leave nothing to restore from; pixels of the picture as the reference enlarges it. */
const smallestEyeDistance = 5;
/**
 * Eyes this close, in parts of the distance from the eyes to the mouth, are those of a face that is turned by more than about 65 degrees: in the face that all are aligned to
 * they are 0.96 apart, and that shrinks with the cosine of the turn. Its alignment would be that of another face.
 */
const narrowestEyes = 0.4;

/** What keeps a face from being restored, if anything does. */
export function gateOf(landmarks: Landmarks, picture: Pick<RgbImage, 'width' | 'height'>): Gate | undefined {
  const [left, right, , mouthLeft, mouthRight] = landmarks;
  const eyes = eyeDistance({ landmarks });
  if (!(eyes * enlargement(picture) >= smallestEyeDistance)) return 'tiny';
  const height = Math.hypot((mouthLeft.x + mouthRight.x - left.x - right.x) / 2, (mouthLeft.y + mouthRight.y - left.y - right.y) / 2);
  return eyes < narrowestEyes * height ? 'profile' : undefined;
}

/** What keeps a face from being restored that is seen in many frames: what most of them have. */
export function gateOfTrack(landmarks: readonly Landmarks[], picture: Pick<RgbImage, 'width' | 'height'>): Gate | undefined {
  const gates = landmarks.map((points) => gateOf(points, picture));
  return (['tiny', 'profile'] as const).find((gate) => gates.filter((other) => other === gate).length > landmarks.length / 2);
}

/** For a person: faces that are left as they are, by number, and why. */
export function gateNotes(gated: readonly { readonly number: number; readonly gate: Gate }[]): readonly string[] {
  return (['tiny', 'profile'] as const).flatMap((gate) => {
    const numbers = gated.filter((face) => face.gate === gate).map(({ number }) => number);
    if (numbers.length === 0) return [];
    const [one, they] = [numbers.length === 1, listed(numbers)];
    const who = one ? `face ${they} is left as it is` : `${numbers.length} faces (${they}) are left as they are`;
    const why = gate === 'tiny' ? `too small to restore, with eyes less than ${smallestEyeDistance} px apart` : 'seen too far from the side to be restored well';
    return [`${who}: ${why}; --faces ${numbers[0]!} restores ${one ? 'it' : 'the first'} all the same`];
  });
}

function listed(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 5).join(', ');
  return numbers.length > 5 ? `${shown}, ...` : shown;
}
