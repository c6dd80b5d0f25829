import { eyeDistance, type Face, type Landmarks } from '../faces/face.ts';
import { gateOfTrack, type Gate } from '../faces/gate.ts';
import type { Track } from '../faces/tracker.ts';
import type { FoundFace } from './viewTypes.ts';

/** A face of a picture as an editor is told of it. */
export function foundFace(number: number, face: Face, gate: Gate | undefined): FoundFace {
  return { number, boxes: [face.box], first: 0, bridged: [], eyeDistance: eyeDistance(face), ...(gate ? { gate } : {}) };
}

/** Likewise a person in a clip. */
export function foundTrack({ id, landmarks, first, bridged }: Track, frame: { readonly width: number; readonly height: number }): FoundFace {
  const gate = gateOfTrack(landmarks, frame);
  const farthest = landmarks.reduce((largest, points) => Math.max(largest, eyeDistance({ landmarks: points })), 0);
  return { number: id + 1, boxes: landmarks.map(boxAround), first, bridged, eyeDistance: farthest, ...(gate ? { gate } : {}) };
}

/** What a person would call the face, from its five points: brows to chin. */
function boxAround([left, right, , mouthLeft, mouthRight]: Landmarks): Face['box'] {
  const centre = { x: (left.x + right.x + mouthLeft.x + mouthRight.x) / 4, y: (left.y + right.y + mouthLeft.y + mouthRight.y) / 4 };
  const height = Math.hypot((mouthLeft.x + mouthRight.x - left.x - right.x) / 2, (mouthLeft.y + mouthRight.y - left.y - right.y) / 2);
  const side = 2.3 * Math.max(height, Math.hypot(right.x - left.x, right.y - left.y));
  return { x: Math.round(centre.x - side / 2), y: Math.round(centre.y - side / 2), width: Math.round(side), height: Math.round(side) };
}
