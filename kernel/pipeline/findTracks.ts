import { SceneCuts } from '../faces/sceneCuts.ts';
import type { Similarity } from '../faces/similarity.ts';
import { smoothAlignment } from '../faces/smooth.ts';
import { Tracker, type Track } from '../faces/tracker.ts';
import { decodeFrames } from '../media/decode.ts';
import type { ClipInfo } from '../media/probe.ts';
import type { FaceFinder } from './faceDetector.ts';
import { refuseManyInFrame } from './manyFaces.ts';
import type { OnProgress } from './progress.ts';

/** Deviation of the Gaussian that steadies the alignment, in frames. */
const smoothing = 2;
/** Every so many frames all of the frame is searched; in between only around the faces of the frame before. */
const searchInterval = 10;

/**
 * Finds the faces of every frame and joins them to tracks. Memory holds one frame and the landmarks.
 * @throws KernelFailure('input') when a frame has more faces than any has
 */
export async function findTracks(info: ClipInfo, finder: FaceFinder, { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress?: OnProgress }): Promise<readonly Track[]> {
  const tracker = new Tracker();
  const cuts = new SceneCuts();
  for await (const frame of decodeFrames(info, signal)) {
    onProgress?.({ stage: 'detecting', frame: frame.index, frames: info.timestamps.length });
    const cut = cuts.add(frame);
    const near = tracker.current;
    const everywhere = cut || frame.index % searchInterval === 0;
    const faces = await finder.detect(frame, { signal, ...(everywhere ? {} : { near }) });
    refuseManyInFrame(info.path, faces.length);
    tracker.add(faces, cut);
  }
  return tracker.finish();
}

/** The alignment of each frame of a track to crops of `size` px, steadied over time. */
export function steadyAlignment(track: Track, size: number): readonly Similarity[] {
  return smoothAlignment(track.landmarks, size, smoothing);
}
