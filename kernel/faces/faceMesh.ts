import type { Point, RgbImage } from '../tensor/rgbImage.ts';
import type { Candidate, Infer } from './blazeFace.ts';
import type { Face, Landmarks } from './face.ts';
import { fromSquare, sampleSquare, type Square } from './sampling.ts';

const size = 192;
/** Vertices of the mesh that make the five points (Kartynnik et al. 2019, "Real-time Facial Surface Geometry"). */
const leftEye = [33, 133, 159, 145];
const rightEye = [263, 362, 386, 374];
const nose = 1;
const mouth = [61, 291] as const;

/** Margins around the candidate's square that are tried in turn: on blurred faces the mesh is particular about its crop. */
const margins = [1.5, 1.9, 1.3];
/** The mesh is sure of sharp faces; a badly degraded one that BlazeFace is sure of needs less. */
const surePresence = 0.5;
const leastPresence = 0.03;
const sureScore = 0.6;

/**
 * Refines a candidate by a mesh of 468 points. Run twice, the second time on the square the first mesh gives: the points settle.
 * @returns undefined where the mesh finds no face
 */
export async function faceMesh(infer: Infer, image: RgbImage, candidate: Candidate): Promise<Face | undefined> {
  let best: { readonly face: Face; readonly presence: number } | undefined;
  for (const margin of margins) {
    const found = await refine(infer, image, candidate, margin);
    if (!best || found.presence > best.presence) best = found;
    if (best.presence >= surePresence) break;
  }
  const needed = candidate.score >= sureScore ? leastPresence : surePresence;
  return best && best.presence >= needed ? best.face : undefined;
}

async function refine(infer: Infer, image: RgbImage, candidate: Candidate, margin: number): Promise<{ face: Face; presence: number }> {
  const [left, right] = candidate.eyes;
  let square: Square = { x: candidate.x, y: candidate.y, side: candidate.side * margin, angle: Math.atan2(right.y - left.y, right.x - left.x) };
  let points: readonly Point[] = [];
  let presence = 1;
  for (let pass = 0; pass < 2; pass++) {
    const { mesh, flag } = await infer('facemesh', sampleSquare(image, square, size, 1 / 255, 0));
    presence = Math.min(presence, flag!.data[0]!);
    points = Array.from({ length: 468 }, (_, k) => fromSquare(square, mesh!.data[3 * k]! / size, mesh!.data[3 * k + 1]! / size));
    const bounds = boundsOf(points);
    const [l, r] = [mean(points, leftEye), mean(points, rightEye)];
    square = { x: bounds.x + bounds.width / 2, y: bounds.y + bounds.height / 2, side: Math.max(bounds.width, bounds.height) * 1.5, angle: Math.atan2(r.y - l.y, r.x - l.x) };
  }
  const landmarks: Landmarks = [mean(points, leftEye), mean(points, rightEye), points[nose]!, points[mouth[0]]!, points[mouth[1]]!];
  return { face: { box: boundsOf(points), score: candidate.score, landmarks }, presence };
}

function mean(points: readonly Point[], indices: readonly number[]): Point {
  return { x: indices.reduce((sum, i) => sum + points[i]!.x, 0) / indices.length, y: indices.reduce((sum, i) => sum + points[i]!.y, 0) / indices.length };
}

function boundsOf(points: readonly Point[]): Face['box'] {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
