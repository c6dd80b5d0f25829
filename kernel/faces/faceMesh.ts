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

/**
 * Refines a candidate by a mesh of 468 points. Run twice, the second time on the square the first mesh gives: the points settle.
 * @returns undefined where the mesh finds no face
 */
export async function faceMesh(infer: Infer, image: RgbImage, candidate: Candidate): Promise<Face | undefined> {
  const [left, right] = candidate.eyes;
  let square: Square = { x: candidate.x, y: candidate.y, side: candidate.side * 1.5, angle: Math.atan2(right.y - left.y, right.x - left.x) };
  let points: Point[] = [];
  let presence = 0;
  for (let pass = 0; pass < 2; pass++) {
    const { mesh, flag } = await infer('facemesh', sampleSquare(image, square, size, 1 / 255, 0));
    presence = flag!.data[0]!;
    if (presence < 0.5) return undefined;
    points = Array.from({ length: 468 }, (_, k) => fromSquare(square, mesh!.data[3 * k]! / size, mesh!.data[3 * k + 1]! / size));
    const bounds = boundsOf(points);
    const [l, r] = [mean(points, leftEye), mean(points, rightEye)];
    square = { x: bounds.x + bounds.width / 2, y: bounds.y + bounds.height / 2, side: Math.max(bounds.width, bounds.height) * 1.5, angle: Math.atan2(r.y - l.y, r.x - l.x) };
  }
  const landmarks: Landmarks = [mean(points, leftEye), mean(points, rightEye), points[nose]!, points[mouth[0]]!, points[mouth[1]]!];
  return { box: boundsOf(points), score: Math.min(candidate.score, presence), landmarks };
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
