/** A box by two of its corners. */
export interface Corners {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** More than any picture has, by far: a network that sees a face everywhere must not take hours. */
const mostBoxes = 30_000;
/** Faces that are told apart in one picture; there are never as many. */
export const mostFaces = 5000;

/**
 * Keeps the first of boxes that overlap: goes through them in their order and leaves out whatever covers one that was kept, by more than `overlap` of the area
 * of both together (greedy non-maximum suppression). Of very many the first are looked at, and of what is kept the first `mostFaces` are.
 */
export function suppressBoxes<T extends Corners>(boxes: readonly T[], overlap: number): readonly T[] {
  const kept: T[] = [];
  for (const box of boxes.slice(0, mostBoxes)) {
    if (kept.length === mostFaces) break;
    if (!kept.some((other) => intersectionOverUnion(other, box) > overlap)) kept.push(box);
  }
  return kept;
}

/** Area of the intersection over that of the union; 0 where they do not meet. */
export function intersectionOverUnion(a: Corners, b: Corners): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  if (width <= 0) return 0;
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (height <= 0) return 0;
  const both = width * height;
  return both / ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - both);
}
