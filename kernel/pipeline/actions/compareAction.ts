import { encodePng } from '../../media/image.ts';
import type { CompareAction } from '../../recipe/actions.ts';
import type { ActionOutcome } from '../../recipe/outcome.ts';
import type { RestoreRequest } from '../../recipe/restoreOptions.ts';
import { tensorToRgb } from '../../tensor/imageTensor.ts';
import type { RgbImage } from '../../tensor/rgbImage.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { sheet } from '../../trajectory/strip.ts';
import { loadableModel } from '../../weights/catalog.ts';
import { allDone } from '../allDone.ts';
import { kindOf } from '../collectFiles.ts';
import { refuseFrame } from '../fileRefusals.ts';
import { withFaceInFile, type CroppedFace } from '../faceInFile.ts';
import { planInFrame, planOf, type Plan } from '../plan.ts';
import { comparisonFile } from '../walkFile.ts';
import { walkedResult } from '../walks.ts';
import type { ActionJob } from './actionJob.ts';
import { applicable, comparedCells, sharedOptions } from './comparedCells.ts';
import { captioned } from './captions.ts';
import { composed } from './compose.ts';
import { embedded, fitted, resized } from './embed.ts';
import { outcomeOf } from './illustrated.ts';
import { linked, relativePath, resultFolder } from './named.ts';
import { aligned } from './table.ts';
import { walkedFile } from './walkedFile.ts';
import { writeOnce } from './writeOnce.ts';

const cellSide = 160;
/** So many cells are shown in that size; more of them smaller, so that all of them take as much. */
const cellsInFull = 16;
const space = 4;

interface Result {
  readonly image: RgbImage;
  /** Root mean square over all values, 0..255. */
  readonly toEstimate: number;
}

/**
 * Restores one face several ways. The crop is found and its estimate computed once; cells that are made with the same values are one walk.
 * @param order of the action's keys in the document
 */
export async function runCompare(action: CompareAction, order: readonly string[], job: ActionJob): Promise<ActionOutcome> {
  const { compare: about, as, face = 1, frame, device = job.device } = action;
  const { signal, onProgress } = job;
  const { rows, columns, cells } = comparedCells(action, order);
  const output = resultFolder(action, job);
  const shared = sharedOptions(action);
  const left = new Set<string>();
  const files = await Promise.all(cells.map((row) => Promise.all(row.map(async (cell) => {
    const base = walkedFile('compare', about, face, shared, job).request;
    const own = applicable(cell, action, cell.sampler ?? base.sampler ?? (await loadableModel(base.model)).description.defaults.sampler);
    for (const name of own.left) left.add(name);
    return walkedFile('compare', about, face, { ...shared, ...own.values }, job);
  }))));
  const { path, request } = files[0]![0]!;
  refuseFrame({ path, kind: kindOf(path) ?? 'picture' }, frame);
  const plans = await Promise.all(files.map((row) => Promise.all(row.map(async (file) => ({ plan: await planOf(file.request), turns: file.turns })))));
  return withFaceInFile({ path, request, face, ...(frame === undefined ? {} : { frame: frame - 1 }), engines: job.engines, device, signal, onProgress }, async (found) => {
    const keys = plans.map((row) => row.map(({ plan: { method, seed }, turns }) => JSON.stringify([method, seed, turns])));
    const distinct = new Map(plans.flatMap((row, r) => row.map(({ plan, turns }, c) => [keys[r]![c]!, { plan: planInFrame(plan, path, found.frame), turns }] as const)));
    const results = await walkedCells(distinct, found, job);
    const images = keys.map((row) => row.map((key) => results.get(key)!));
    const what = `face ${face} of ${relativePath(path, job)}${kindOf(path) === 'clip' ? `, frame ${found.frame + 1}` : ''}`;
    const title = `Comparison of ${what}`;
    const side = Math.min(cellSide, Math.floor(Math.sqrt((cellsInFull * cellSide ** 2) / (rows.length * columns.length))));
    const small = await Promise.all(images.map((row) => Promise.all(row.map(({ image }) => resized(image, fitted(image, side))))));
    const numbers = aligned([['', ...columns], ...images.map((row, r) => [rows[r]!, ...row.map(({ toEstimate }) => toEstimate.toFixed(2))])]);
    const written = output === undefined ? undefined : await writeOnce(comparisonFile(path, face, found.frame, output), await encodePng(sheet(images.map((row) => row.map(({ image }) => image)), space)));
    const { notice } = found.plan.model?.description ?? {};
    return outcomeOf('compare', [{
      shown: { kind: 'grid', title, rows, columns, cells: await Promise.all(small.map((row) => Promise.all(row.map(embedded)))), text: `${title}\n${numbers}\nroot mean square distance to the backbone's estimate, 0 to 255` },
      still: async () => captioned(await composed(small), { title, rows, columns }),
    }], {
      links: written === undefined ? [] : [linked(title, written, job)], notes: [...notesOn(left), ...(notice === undefined ? [] : [notice])],
      named: as === undefined ? undefined : { name: as, path: written ?? path, ...(written === undefined ? { restored: { from: path, options: withoutAxes(request, action) } } : {}) },
    });
  });
}

/** The first walk computes the estimate for all of them; then as many at once as the device computes together. */
async function walkedCells(cells: ReadonlyMap<string, Pick<Cell, 'plan' | 'turns'>>, { engine, plan: { numbers, earlier }, face }: CroppedFace, { signal, onProgress }: ActionJob): Promise<ReadonlyMap<string, Result>> {
  const results = new Map<string, Result>();
  const waiting = [...cells];
  const walks = waiting.length;
  let done = 0;
  while (waiting.length > 0) {
    signal.throwIfAborted();
    const together = waiting.splice(0, done === 0 ? 1 : engine.batchSize);
    await allDone(together.map(async ([key, { plan, turns }]) => {
      const onStep = (step: number, steps: number): void => {
        onProgress({ stage: 'walking', walk: done, walks, step, steps });
      };
      const { result, estimate } = await walkedResult(face, { ...plan, numbers, earlier }, turns, plan.seed, { engine, signal, onStep });
      results.set(key, { image: tensorToRgb(result), toEstimate: 255 * distance(result, estimate) });
    }));
    done += together.length;
  }
  return results;
}

type Cell = { readonly plan: Omit<Plan, 'numbers' | 'earlier'>; readonly turns: Parameters<typeof walkedResult>[2] };

function distance({ data: a }: Tensor, { data: b }: Tensor): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum / a.length);
}

/** How a comparison's face is restored otherwise: with what all cells share. */
function withoutAxes(request: RestoreRequest, action: CompareAction): RestoreRequest {
  return Object.fromEntries(Object.entries(request).filter(([name]) => !Array.isArray(action[name as keyof CompareAction])));
}

function notesOn(left: ReadonlySet<string>): readonly string[] {
  return [
    ...(left.has('eta') ? ['eta belongs to ddim: the other samplers are computed without it, and are the same for every eta'] : []),
    ...(left.has('steps') ? ['ddpm takes every step below its start: it is computed without a number of steps, and is the same for each'] : []),
  ];
}
