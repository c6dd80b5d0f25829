import type { Point } from '../tensor/rgbImage.ts';

/** Left eye (smaller x in an upright face), right eye, tip of the nose, left and right corner of the mouth, in pixels. */
export type Landmarks = readonly [Point, Point, Point, Point, Point];

/** A face that was found. */
export interface Face {
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** 0..1 */
  readonly score: number;
  readonly landmarks: Landmarks;
}

/** Distance between the eyes in pixels. */
export function eyeDistance({ landmarks: [left, right] }: Pick<Face, 'landmarks'>): number {
  return Math.hypot(right.x - left.x, right.y - left.y);
}

/**
 * What the reference compares with its eye distance threshold: by a slip of indices it takes the eyes' vertical and the right eye's horizontal distance from the nose.
 * For parity only.
 */
export function eyeDistanceAsReference({ landmarks: [left, right, nose] }: Pick<Face, 'landmarks'>): number {
  return Math.hypot(left.y - right.y, right.x - nose.x);
}

/** Two finds that are one face: their noses are closer than half of the eyes' distance. */
export function sameFace(a: Face, b: Face): boolean {
  const reach = 0.5 * Math.max(eyeDistance(a), eyeDistance(b));
  return Math.hypot(a.landmarks[2].x - b.landmarks[2].x, a.landmarks[2].y - b.landmarks[2].y) < reach;
}
