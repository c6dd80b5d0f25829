import type { TrajectoryAction } from '../../recipe/actions.ts';
import type { ActionOutcome, Shown } from '../../recipe/outcome.ts';
import { walkPart } from '../../recipe/restoreOptions.ts';
import { scaledToFit } from '../../media/image.ts';
import { earlierExport, exportWalk } from '../../trajectory/exportWalk.ts';
import type { StoredWalk } from '../../trajectory/storedWalk.ts';
import { stateToRgb } from '../../trajectory/strip.ts';
import type { RgbImage } from '../../tensor/rgbImage.ts';
import { kindOf } from '../collectFiles.ts';
import { refuseFrame } from '../fileRefusals.ts';
import { withFaceInFile } from '../faceInFile.ts';
import { oneWalk, trajectoryFolder } from '../walkFile.ts';
import { walkParameters, withWalk } from '../walks.ts';
import type { ActionJob } from './actionJob.ts';
import { captioned } from './captions.ts';
import { composed } from './compose.ts';
import { embedded } from './embed.ts';
import { outcomeOf, type Illustrated } from './illustrated.ts';
import { keptStepsOf } from './keptStepsOf.ts';
import { linked, relativePath, resultFolder } from './named.ts';
import { plot } from './plot.ts';
import { walkedFile } from './walkedFile.ts';

const mostStates = 12;
const cellSide = 128;

/** Walks one face, or finds its walk kept, shows its states and figures, and writes what is asked for. */
export async function runTrajectory(action: TrajectoryAction, job: ActionJob): Promise<ActionOutcome> {
  const { trajectory: about, as, face = 1, frame, keep = 'every', keptPrecision = 'auto', formats = [], device = job.device } = action;
  const { signal, onProgress } = job;
  const { path, request, turns } = walkedFile('trajectory', about, face, walkPart(action), job);
  refuseFrame({ path, kind: kindOf(path) ?? 'picture' }, frame);
  const output = resultFolder(action, job);
  return withFaceInFile({ path, request, face, ...(frame === undefined ? {} : { frame: frame - 1 }), engines: job.engines, device, signal, onProgress }, async (found) => {
    const { plan, engine } = found;
    const keeping = { steps: keptStepsOf(keep), precision: keptPrecision } as const;
    return withWalk(found.face, plan, turns, keeping, { engine, signal, onStep: oneWalk(onProgress) }, async (walk) => {
      const folder = formats.length === 0 ? undefined : await written();
      const what = `face ${face} of ${relativePath(path, job)}${kindOf(path) === 'clip' ? `, frame ${found.frame + 1}` : ''}`;
      return outcomeOf('trajectory', [await strip(walk, what, signal), figures(walk, what)], {
        links: folder === undefined ? [] : [linked(`States of ${what}`, folder, job)], notes: plan.model?.description.notice === undefined ? [] : [plan.model.description.notice],
        named: as === undefined ? undefined : { name: as, path: folder ?? path, ...(folder === undefined ? { restored: { from: path, options: request } } : {}) },
      });

      async function written(): Promise<string> {
        const parameters = await walkParameters(path, plan, { face, frame: found.frame, turns });
        const wanted = trajectoryFolder(path, face, found.frame, output);
        return (await earlierExport(walk, wanted, formats, parameters)) ?? exportWalk(walk, wanted, formats, parameters, signal, (state, states) => { onProgress({ stage: 'writingStates', state, states }); });
      }
    });
  });
}

/** Evenly chosen states, the first and the result among them. */
async function strip(walk: StoredWalk, what: string, signal: AbortSignal): Promise<Illustrated> {
  const { kept, steps } = walk.info;
  const count = Math.min(mostStates, kept.length);
  const orders = Array.from({ length: count }, (_, i) => kept[count === 1 ? kept.length - 1 : Math.round((i * (kept.length - 1)) / (count - 1))]!);
  const rows: [RgbImage[], RgbImage[]] = [[], []];
  const shown: Extract<Shown, { kind: 'strip' }>['steps'][number][] = [];
  for (const order of orders) {
    signal.throwIfAborted();
    const [xT, predX0] = await Promise.all((['xT', 'predX0'] as const).map(async (kind) => scaledToFit(stateToRgb(await walk.read(kind, order)), cellSide))) as [RgbImage, RgbImage];
    rows[0].push(xT);
    rows[1].push(predX0);
    shown.push({ t: steps[order]?.t ?? 0, xT: await embedded(xT), predX0: await embedded(predX0) });
  }
  const title = `Walk of ${what}`;
  const times = shown.slice(0, -1).map(({ t }) => String(Math.round(t))).join(', ');
  return { shown: { kind: 'strip', title, steps: shown, text: `${title}: ${steps.length} steps, of which ${shown.length} states are shown, x_t above and predX0 below, at t = ${times}, and the result` }, still: async () => captioned(await composed(rows), { title, rows: ['x_t', 'predX0'] }) };
}

/** Over t, which falls as one walks: the first step stands right. */
function figures(walk: StoredWalk, what: string): Illustrated {
  const { kept, steps, figures: { change, toEstimate, departure } } = walk.info;
  const times = kept.filter((order) => order < steps.length).map((order) => steps[order]!.t);
  const last = (values: readonly (number | null)[]): string => values.at(-1)?.toFixed(4) ?? '-';
  const words = [
    `${change.find((value) => value !== null)?.toFixed(4) ?? '-'} at the beginning, ${last(change)} at the end`,
    `${toEstimate[0]?.toFixed(4) ?? '-'} at the beginning, ${last(toEstimate)} at the end; of the result ${departure.toFixed(4)}`,
  ];
  return plot(`How predX0 moves: ${what}`, { title: 't', values: times.toReversed() }, { title: 'root mean square, of values in [-1, 1]' },
    [{ title: 'change from step to step', values: change.toReversed() }, { title: 'distance to the estimate', values: toEstimate.toReversed() }], words);
}
