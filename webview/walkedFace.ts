import type { DocumentState, FoundFace, WalkedFace } from './protocol.ts';
import type { TrajectoryClip } from './trajectory/trajectoryContext.ts';

/** The faces that are seen in a frame. */
export function facesIn({ faces }: DocumentState, frame: number): readonly FoundFace[] {
  return faces.kind === 'found' ? faces.faces.filter(({ first, boxes }) => frame >= first && frame < first + boxes.length) : [];
}

/** The chosen face where it is seen in a frame, else the first that is and is not left out. */
export function chosenFace(document: DocumentState, chosen: number | null, frame: number): number | undefined {
  const seen = facesIn(document, frame);
  return (seen.find(({ number }) => number === chosen) ?? seen.find(({ number }) => !document.leftOut.includes(number)) ?? seen[0])?.number;
}

/** What the trajectory view may do with the frames of a clip: those in which the face is seen. */
export function walkedClip(document: DocumentState, { face, frame }: WalkedFace, range: { readonly first: number; readonly last: number } | undefined, timecode: (frame: number) => string, onFrame: (frame: number) => void): TrajectoryClip {
  const found = document.faces.kind === 'found' ? document.faces.faces.find(({ number }) => number === face) : undefined;
  const [first, last] = found ? [found.first, found.first + found.boxes.length - 1] : [frame, frame];
  const part = { first: Math.max(first, range?.first ?? first), last: Math.min(last, range?.last ?? last) };
  return { first, last, part: part.first <= part.last ? part : { first, last }, timecode, onFrame };
}
