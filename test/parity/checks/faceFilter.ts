import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eyeDistance, eyeDistanceAsReference, type Landmarks } from '../../../kernel/faces/face.ts';
import { largestDifference, within, type Comparison, type FixtureKind } from '../fixture.ts';

interface Recorded {
  /** Detected pixels for one of the picture. */
  readonly scale: number;
  readonly threshold: number;
  /** Box, score, five points (x, y). */
  readonly rows_on_det_input: readonly (readonly number[])[];
  readonly kept: readonly boolean[];
  readonly quantity_compared_with_threshold: readonly number[];
  readonly true_eye_distance: readonly number[];
  readonly landmarks: readonly (readonly (readonly number[])[])[];
}

/** Which detections the reference keeps: it compares another distance than that of the eyes. */
export const faceFilter: FixtureKind = {
  name: 'face-filter',
  recognise: (files) => files.includes('face_filter.json'),
  compare: compareFilter,
};

async function* compareFilter(folder: string): AsyncGenerator<Comparison> {
  const recorded = JSON.parse(await readFile(join(folder, 'face_filter.json'), 'utf8')) as Recorded;
  const faces = recorded.rows_on_det_input.map((row) => ({
    landmarks: [0, 1, 2, 3, 4].map((i) => ({ x: row[5 + 2 * i]! / recorded.scale, y: row[6 + 2 * i]! / recorded.scale })) as unknown as Landmarks,
  }));
  yield within('distance the reference compares', largestDifference(faces.map(eyeDistanceAsReference), recorded.quantity_compared_with_threshold), 1e-4, 'px');
  yield within('distance of the eyes', largestDifference(faces.map(eyeDistance), recorded.true_eye_distance), 1e-4, 'px');
  const kept = faces.filter((face) => eyeDistanceAsReference(face) > recorded.threshold);
  yield within('kept', largestDifference(faces.map((face) => Number(kept.includes(face))), recorded.kept.map(Number)), 0);
  yield within('points of the kept', largestDifference(kept.flatMap(({ landmarks }) => landmarks.flatMap(({ x, y }) => [x, y])), recorded.landmarks.flat(2)), 1e-4, 'px');
}
