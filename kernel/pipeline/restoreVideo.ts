import { extname } from 'node:path';
import { gateNotes } from '../faces/gate.ts';
import { decodeFrames } from '../media/decode.ts';
import { encodeClip } from '../media/encode.ts';
import { chooseEncoding } from '../media/encoders.ts';
import { probeClip, type ClipInfo } from '../media/probe.ts';
import { behindFaces, needsBackground } from './background.ts';
import { chooseTracks, clipWork, gatedTracks, reportedTrack, restoredFrames, type FrameBackground } from './clipWork.ts';
import { findTracks } from './findTracks.ts';
import { tracksOnce } from './foundFaces.ts';
import { GreyWatch } from './greyOriginals.ts';
import { besideFaces, type Pasting } from './pasting.ts';
import type { FileResult } from './progress.ts';
import { missingNumbers, refuseNumbers } from './chosenFaces.ts';
import { faceless, trajectoryFiles, type FileJob } from './restoreImage.ts';
import { resultSize } from './resultSize.ts';
import { RunCrops } from './runCrops.ts';

export interface VideoJob extends FileJob {
  readonly codec?: string;
  /** Whether a face is restored in a frame; each in every one where absent. */
  readonly only?: (track: number, frame: number) => boolean;
}

/**
 * Restores the faces of a clip. The clip is decoded twice: first the faces are found and tracked, so that the alignment of a frame can be smoothed with the frames
 * before and after it; then they are restored frame by frame. All frames of a track share their noise. What was restored before the run was stopped is not restored again.
 */
export async function restoreVideo(job: VideoJob): Promise<FileResult> {
  const { input, engine, plan, signal, onProgress } = job;
  const began = performance.now();
  const info = await probeClip(input);
  const output = job.outputStem + (job.extension ?? extname(input));
  await chooseEncoding(enlargedClip(info, plan.pasting), output, job.codec);  // what cannot be written is said before hours of work
  const find = (): ReturnType<typeof findTracks> => findTracks(info, engine.finder(plan.detector), { signal, onProgress });
  const found = await (engine.afresh ? find() : tracksOnce(input, plan.detector, find));
  const tracks = chooseTracks(found, info, job.faces);
  if (tracks.length === 0) refuseNumbers(input, found.length, job.faces);
  onProgress({ stage: 'found', faces: tracks.length, frames: info.timestamps.length });
  if (tracks.length === 0 && !needsBackground(plan.pasting)) return { status: 'no face', input };
  if (tracks.length > 0) {
    onProgress({ stage: 'preparing', what: 'preparing the model' });
    await engine.checkBeside(besideFaces(plan.pasting), signal);
    await engine.prepare(signal);
  }
  const crops = await RunCrops.of(job);
  const grey = new GreyWatch();
  const work = clipWork(info, tracks, engine.faceSize, crops?.store, plan.pasting);
  try {
    const trajectories = trajectoryFiles(job);
    const everything = { first: 0, last: info.timestamps.length - 1 };
    const frames = restoredFrames(work, grey.watching(decodeFrames(info, signal)), job, everything, { trajectories, background: frameBackground(job), ...(job.only ? { only: job.only } : {}) });
    const { path, notes, codec } = await encodeClip(output, enlargedClip(info, plan.pasting), frames, { signal, ...(job.codec === undefined ? {} : { codec: job.codec }) });
    const trajectory = await trajectories?.writeBeside(path);
    await crops?.done();
    const left = [...missingNumbers(found.length, job.faces), ...gateNotes(gatedTracks(found, info, job.faces))];
    return {
      status: 'restored', input, output: path, seconds: (performance.now() - began) / 1000, notes: [...notes, ...left, ...faceless(tracks.length, left, plan.pasting), ...grey.notes(tracks.length, plan), ...crops?.notes ?? []],
      faces: tracks.map(reportedTrack), clip: { frames: info.timestamps.length, ...(codec === undefined ? {} : { codec }) },
      ...(trajectory === undefined ? {} : { trajectory }), ...(crops && crops.earlierDevices.length > 0 ? { earlierDevices: crops.earlierDevices } : {}),
    };
  } finally {
    crops?.close();
  }
}

/** What stands behind the faces of a clip's frames, where it is not the frames themselves. */
export function frameBackground({ engine, plan: { pasting }, signal, onProgress }: Pick<FileJob, 'engine' | 'plan' | 'signal' | 'onProgress'>): FrameBackground | undefined {
  return needsBackground(pasting) ? (frame) => behindFaces(frame, { engine, pasting, signal, onProgress }) : undefined;
}

/** The clip as it is written. */
export function enlargedClip(info: ClipInfo, { upscale }: Pasting): ClipInfo {
  return { ...info, ...resultSize(info, 'clip', upscale) };
}
