import { extname } from 'node:path';
import { cropFace } from '../faces/align.ts';
import { pasteFace } from '../faces/paste.ts';
import type { Similarity } from '../faces/similarity.ts';
import { eyeDistance } from '../faces/face.ts';
import type { Track } from '../faces/tracker.ts';
import { decodeFrames } from '../media/decode.ts';
import { encodeClip } from '../media/encode.ts';
import { probeClip, type ClipInfo } from '../media/probe.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { findTracks, steadyAlignment } from './findTracks.ts';
import type { FileResult } from './progress.ts';
import type { FaceChoice } from './request.ts';
import type { FileJob } from './restoreImage.ts';
import { TrajectoryRecorder } from './trajectoryFiles.ts';

export interface VideoJob extends FileJob {
  readonly codec?: string;
  readonly independentNoise: boolean;
}

/**
 * Restores the faces of a clip. The clip is decoded twice: first the faces are found and tracked, so that the alignment of a frame can be smoothed with the frames
 * before and after it; then they are restored frame by frame. All frames of a track share their noise.
 */
export async function restoreVideo(job: VideoJob): Promise<FileResult> {
  const { input, engine, signal, onProgress } = job;
  const began = performance.now();
  const info = await probeClip(input);
  const tracks = chooseTracks(await findTracks(info, engine, { signal, onProgress }), job.faces);
  onProgress({ stage: 'found', faces: tracks.length, frames: info.timestamps.length });
  if (tracks.length === 0) return { status: 'no face', input };
  onProgress({ stage: 'preparing', what: 'preparing the model' });
  await engine.prepare(signal);
  const recorder = job.trajectory ? new TrajectoryRecorder() : undefined;
  const wanted = job.outputStem + extname(input);
  const { path, notes } = await encodeClip(wanted, info, restoredFrames(info, tracks, job, recorder), { signal, ...(job.codec === undefined ? {} : { codec: job.codec }) });
  const trajectory = await recorder?.write(`${path}.trajectory`);
  return {
    status: 'restored', input, output: path, seconds: (performance.now() - began) / 1000, notes,
    faces: tracks.map(({ id, first, box, landmarks }) => ({ number: id + 1, box, frames: { first, last: first + landmarks.length - 1, count: landmarks.length } })),
    ...(trajectory === undefined ? {} : { trajectory }),
  };
}

/** The frames with their restored faces, one at a time. */
async function* restoredFrames(info: ClipInfo, tracks: readonly Track[], job: VideoJob, recorder: TrajectoryRecorder | undefined): AsyncGenerator<RgbImage> {
  const { engine, signal, onProgress, method, seed } = job;
  const transforms = new Map<Track, readonly Similarity[]>(tracks.map((track) => [track, steadyAlignment(track, engine.faceSize)]));
  const faces = tracks.reduce((sum, { landmarks }) => sum + landmarks.length, 0);
  const frames = info.timestamps.length;
  let face = 0;
  for await (const frame of decodeFrames(info, signal)) {
    const jobs = tracks.filter(({ first, landmarks }) => frame.index >= first && frame.index < first + landmarks.length).map((track) => {
      const toCrop = transforms.get(track)![frame.index - track.first]!;
      return { track, toCrop, crop: cropFace(frame, toCrop, engine.faceSize) };
    });
    for (const { track, toCrop, crop } of jobs) {
      const done = face++;
      const middle = frame.index === track.first + (track.landmarks.length >> 1);
      const [restored] = await engine.restoreCrops([crop], {
        method, seed: job.independentNoise ? (seed + 7919 * (frame.index + 1)) % 2 ** 32 : seed, tracks: [track.id], signal,
        onStep: (step, steps) => {
          onProgress({ stage: 'restoring', frame: frame.index, frames, face: done, faces, step, steps });
        },
        ...(recorder && middle ? { keep: recorder.face(track.id + 1, crop) } : {}),
      });
      pasteFace(frame, restored!, toCrop, { mask: { kind: 'oval' } });
    }
    yield frame;
  }
}

function chooseTracks(tracks: readonly Track[], choice: FaceChoice): readonly Track[] {
  if (choice === 'all') return tracks;
  if (choice === 'largest') {
    const size = (track: Track): number => Math.max(...track.landmarks.map((landmarks) => eyeDistance({ landmarks })));
    return [...tracks].sort((a, b) => size(b) - size(a)).slice(0, 1);
  }
  return tracks.filter(({ id }) => choice.includes(id + 1));
}
