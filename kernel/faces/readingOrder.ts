import type { Face } from './face.ts';

/** By rows of faces, left to right. */
export function readingOrder(faces: readonly Face[]): readonly Face[] {
  let rest = [...faces].sort((a, b) => a.box.y - b.box.y);
  const ordered: Face[] = [];
  while (rest.length > 0) {
    const first = rest[0]!;
    const inRow = (face: Face): boolean => face === first || face.box.y < first.box.y + first.box.height / 2;
    const row = rest.filter(inRow);
    rest = rest.filter((face) => !inRow(face));
    ordered.push(...row.sort((a, b) => a.box.x - b.box.x));
  }
  return ordered;
}
