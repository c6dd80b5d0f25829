import { plannedSteps, type Turn } from '../../diffusion/walk.ts';
import { codecFamily, heldFamily } from '../../media/encoders.ts';
import type { CompareAction, MeasureAction, RestoreAction, ShowAction, TrajectoryAction } from '../../recipe/actions.ts';
import type { KnownModel, Surroundings } from '../../recipe/language/surroundings.ts';
import type { ParsedAction } from '../../recipe/parsed.ts';
import type { Diagnosis } from '../../recipe/problem.ts';
import { walkPart, type RestoreRequest } from '../../recipe/restoreOptions.ts';
import { applicable, comparedCells, sharedOptions } from '../actions/comparedCells.ts';
import { fileOf, originalOf, requestOf, type Place } from '../actions/named.ts';
import { walkedFile } from '../actions/walkedFile.ts';
import { kindOf } from '../collectFiles.ts';
import { metricsOf, refuseAligned, refuseBeside, refuseCodec, refuseFrame, refuseFrameBeyond, refuseReference, refuseSeveral, refuseUnlike, type FileOfKind } from '../fileRefusals.ts';
import { plannedMethod, walkOf } from '../request.ts';
import type { Before } from './expectedResults.ts';
import { expectedSize } from './expectedSize.ts';
import { restorableFiles } from './folderFiles.ts';
import { ToldOptions } from './toldOptions.ts';
import { modelNamed } from './weights.ts';

/** What the pipeline would refuse of an action's options, told by the functions that refuse it, before anything is done. */
export async function optionProblems(parsed: ParsedAction, before: Before, around: Surroundings): Promise<readonly Diagnosis[]> {
  const place = { folder: around.folder ?? '/', names: before.names };
  const { action, keys } = parsed;
  const told = new ToldOptions(parsed);
  switch (action?.kind) {
    case undefined:
      break;
    case 'restore':
      await tellRestore(action.value, place, around, told);
      break;
    case 'trajectory':
      await tellTrajectory(action.value, place, around, told);
      break;
    case 'compare':
      await tellCompare(action.value, keys.map(({ name }) => name), place, around, told);
      break;
    case 'measure':
      await tellMeasure(action.value, place, before, around, told);
      break;
    case 'show':
      await tellShow(action.value, place, around, told);
      break;
    default:
      action satisfies never;
  }
  return told.all;
}

async function tellRestore(action: RestoreAction, place: Place, around: Surroundings, told: ToldOptions): Promise<void> {
  const request = requestOf(action, place);
  const { as, codec } = action;
  const model = await modelNamed(request.model, around);
  if (model !== undefined) told.try(() => plannedMethod(request, walking(model)));
  if (codec !== undefined) told.try(() => codecFamily(codec));
  const files = told.try(() => [...new Set([action.restore].flat().map((value) => fileOf(value, place).path))].map((path) => ofKind({ path })));
  if (!files || (codec === undefined && as === undefined)) return;
  if (codec !== undefined) for (const { path } of files.filter(({ kind }) => kind === 'clip')) told.try(() => heldFamily(path, path, codec));
  const entries = await Promise.all(files.map(({ path }) => around.entry(path)));
  if (entries.some((entry, i) => !entry && kindOf(files[i]!.path) === undefined)) return;   // a folder that is going to be made
  const folders = entries.some((entry) => entry?.kind === 'folder');
  if (!folders) told.try(() => { refuseCodec(files, codec); });
  if (as === undefined) return;
  const taken = await Promise.all(files.map(async ({ path }, i) => (entries[i]?.kind === 'folder' ? restorableFiles(path, around, request.suffix) : [path])));
  const known = new Set(taken.flatMap((some) => some ?? []));
  if (known.size > 1 && !taken.includes(undefined)) told.try(() => { refuseSeveral(known.size, as); });
}

async function tellTrajectory({ trajectory, face = 1, frame, ...action }: TrajectoryAction, place: Place, around: Surroundings, told: ToldOptions): Promise<void> {
  const file = told.try(() => walkedFile('trajectory', trajectory, face, walkPart(action), place));
  if (!file) return;
  await tellFace(file.path, file.request, { face, frame }, around, told);
  const model = await modelNamed(file.request.model, around);
  if (model !== undefined) told.try(() => { refuseWalk(file.request, file.turns, model); });
}

async function tellCompare(action: CompareAction, order: readonly string[], place: Place, around: Surroundings, told: ToldOptions): Promise<void> {
  const { compare, face = 1, frame } = action;
  const shared = sharedOptions(action);
  const grid = told.try(() => comparedCells(action, order));
  const base = told.try(() => walkedFile('compare', compare, face, shared, place));
  if (!base) return;
  await tellFace(base.path, base.request, { face, frame }, around, told);
  const model = await modelNamed(base.request.model, around);
  if (model === undefined) return;
  const looked = new Set<string>();
  for (const cell of grid?.cells.flat() ?? []) {
    const key = JSON.stringify({ ...cell, seed: 0 });                   // any seed fits any walk
    if (looked.has(key)) continue;
    looked.add(key);
    told.try(() => {
      const { values } = model === 'identity' ? { values: cell } : applicable(cell, action, cell.sampler ?? base.request.sampler ?? model.defaults.sampler);
      const { request, turns } = walkedFile('compare', compare, face, { ...shared, ...values }, place);
      refuseWalk(request, turns, model);
    });
  }
}

async function tellMeasure({ measure, against, metrics }: MeasureAction, place: Place, before: Before, around: Surroundings, told: ToldOptions): Promise<void> {
  const fitting = told.try(() => {
    const files = [measure].flat().map((value) => ofKind(fileOf(value, place)));
    const reference = against === undefined ? undefined : ofKind(fileOf(against, place));
    refuseReference(files, reference);
    metricsOf(metrics === undefined ? {} : { metrics }, files, reference !== undefined);
    return reference;
  });
  const reference = fitting && against !== undefined ? await expectedSize(against, place, before, around) : undefined;
  if (!reference) return;
  for (const value of [measure].flat()) {
    const file = await expectedSize(value, place, before, around);
    if (file) told.try(() => { refuseUnlike(file, reference); });
  }
}

async function tellShow({ show, beside, frame }: ShowAction, place: Place, around: Surroundings, told: ToldOptions): Promise<void> {
  const file = told.try(() => fileOf(show, place));
  const other = told.try(() => (beside === undefined ? file && originalOf(file) : fileOf(beside, place)));
  if (!file) return;
  told.try(() => { refuseBeside(ofKind(file), other && ofKind(other), beside === undefined ? {} : { beside }); });
  await tellFrame(file.path, frame, around, told);
}

async function tellFrame(path: string, frame: number | undefined, around: Surroundings, told: ToldOptions): Promise<void> {
  const file = ofKind({ path });
  told.try(() => { refuseFrame(file, frame); });
  if (file.kind !== 'clip' || frame === undefined) return;
  const frames = await around.frames?.(path);
  if (frames !== undefined) told.try(() => { refuseFrameBeyond(path, frames, frame); });
}

async function tellFace(path: string, { aligned }: RestoreRequest, { face, frame }: { readonly face: number; readonly frame: number | undefined }, around: Surroundings, told: ToldOptions): Promise<void> {
  await tellFrame(path, frame, around, told);
  told.try(() => { refuseAligned(path, aligned, face); });
}

function refuseWalk(request: RestoreRequest, turns: readonly Turn[], model: KnownModel | 'identity'): void {
  plannedSteps(walkOf(plannedMethod(request, walking(model))), turns);
}

function walking(model: KnownModel | 'identity'): KnownModel | undefined {
  return model === 'identity' ? undefined : model;
}

/** As a run takes it: what has no known name is opened as a picture. */
function ofKind({ path }: { readonly path: string }): FileOfKind {
  return { path, kind: kindOf(path) ?? 'picture' };
}
