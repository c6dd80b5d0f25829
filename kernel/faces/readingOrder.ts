import type { Face } from './face.ts';

/** By rows of faces, left to right. */
export function readingOrder(faces: readonly Face[]): readonly Face[] {
  const rest = [...faces].sort((a, b) => a.box.y - b.box.y);
  const ordered: Face[] = [];
  while (rest.length > 0) {
    const first = rest[0]!;
    const row = rest.filter(({ box }) => box.y < first.box.y + first.box.height / 2);
    for (const face of row) rest.splice(rest.indexOf(face), 1);
    ordered.push(...row.sort((a, b) => a.box.x - b.box.x));
  }
  return ordered;
}
