import { basename, dirname, extname, join } from 'node:path';
import { exportWalk } from '../trajectory/exportWalk.ts';
import type { WalkFormat, WalkInfo } from '../trajectory/walkTypes.ts';
import { kindOf } from './collectFiles.ts';
import { withFaceInFile, type FaceInFile } from './faceInFile.ts';
import type { OnProgress } from './progress.ts';
import { walkParameters, withWalk, type Keeping, type WalkRun } from './walks.ts';

export interface WalkFileJob extends FaceInFile {
  readonly keeping: Keeping;
  readonly formats: readonly WalkFormat[];
}

/**
 * Walks one face of a file, or finds its walk kept, and writes it into a folder `name.face-N.trajectory` (of a clip `name.face-N.frame-M.trajectory`, M counted from 1).
 * @throws KernelFailure('usage') when the face is not there, or `aligned` does not fit
 */
export async function walkFile(job: WalkFileJob): Promise<{ readonly folder: string; readonly info: WalkInfo }> {
  const { path, request, face: number, formats, signal, onProgress } = job;
  return withFaceInFile(job, async ({ engine, plan, face, frame }) => {
    const run: WalkRun = { engine, signal, onStep: oneWalk(onProgress) };
    const parameters = await walkParameters(path, plan, { face: number, frame, turns: [] });
    return withWalk(face, plan, [], job.keeping, run, async (walk) => ({
      folder: await exportWalk(walk, trajectoryFolder(path, number, frame, request.output), formats, parameters, signal, (state, states) => { onProgress({ stage: 'writingStates', state, states }); }), info: walk.info,
    }));
  });
}

/** Progress of a walk that is the only one. */
export function oneWalk(onProgress: OnProgress): WalkRun['onStep'] {
  return (step, steps) => {
    onProgress({ stage: 'walking', walk: 0, walks: 1, step, steps });
  };
}

/** Where the walk of a face is written. @param frame counted from 0 */
export function trajectoryFolder(path: string, face: number, frame: number, output?: string): string {
  return join(output ?? dirname(path), `${faceName(path, face, frame)}.trajectory`);
}

/** Where a comparison of a face is written. @param frame counted from 0 */
export function comparisonFile(path: string, face: number, frame: number, output: string): string {
  return join(output, `${faceName(path, face, frame)}.comparison.png`);
}

/** `name.face-N`, of a clip `name.face-N.frame-M`. @param frame counted from 0 */
function faceName(path: string, face: number, frame: number): string {
  return `${basename(path, extname(path))}.face-${face}${kindOf(path) === 'clip' ? `.frame-${frame + 1}` : ''}`;
}
