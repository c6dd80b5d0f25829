import type { DocumentState, MediaInfo } from '../protocol.ts';
import type { FaceFrame } from './faceButtons.ts';

/** The faces of a frame as they are drawn over it. */
export function faceFrames({ faces, leftOut }: DocumentState, media: MediaInfo, frame: number): readonly FaceFrame[] {
  if (faces.kind !== 'found') return [];
  const aspect = media.kind === 'clip' ? media.pixelAspect : 1;
  return faces.faces.flatMap(({ number, first, boxes }) => {
    const box = boxes[frame - first];
    return box ? [{ number, leftOut: leftOut.includes(number), box: { ...box, x: box.x * aspect, width: box.width * aspect } }] : [];
  });
}
