import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { KernelFailure, OptionFailure } from '../../failure.ts';
import type { RestoreAction } from '../../recipe/actions.ts';
import type { ActionOutcome, LinkedFile } from '../../recipe/outcome.ts';
import { defaultSeed, hasWalk, type RestoreRequest } from '../../recipe/restoreOptions.ts';
import { collectFiles } from '../collectFiles.ts';
import { refuseSeveral } from '../fileRefusals.ts';
import { planOf } from '../plan.ts';
import type { FileResult, RestoredFile } from '../progress.ts';
import { restoreFiles } from '../restoreFiles.ts';
import type { ActionJob } from './actionJob.ts';
import { outcomeOf, type Illustrated } from './illustrated.ts';
import { fileOf, linked, mediaKind, relativePath, requestOf } from './named.ts';
import { shownClip, shownPicture } from './shownMedia.ts';
import { rounded, table } from './table.ts';

/** Of several results so many are shown, and smaller. */
const mostShown = 4;
const severalSide = 320;

/**
 * Restores files and folders, and shows the results beside the originals.
 * @throws KernelFailure of the file where there is one alone; ('usage') for a name that would stand for several results
 */
export async function runRestore(action: RestoreAction, job: ActionJob): Promise<ActionOutcome> {
  const { restore: about, as, device = job.device, locked } = action;
  const paths = [about].flat().map((value) => fileOf(value, job).path);
  const request = requestOf(action, job);
  const alone = await isOneFile(paths);
  if (as !== undefined && !alone) refuseSeveral((await collectFiles(paths, request.suffix)).files.length, as);
  const notes: string[] = [];
  const results = await restoreFiles(paths, request, {
    device, engines: job.engines, signal: job.signal, onProgress: job.onProgress, reuse: true, onNote: (note) => notes.push(note),
    own: locked && { path: resolve(job.folder, locked.result.file), locked },
  });
  const restored = results.filter((result) => result.status === 'restored');
  const failures = results.filter((result) => result.status === 'failed');
  if (failures[0] && (alone || failures.length === results.length)) throw failureOf(failures[0]);
  if (as !== undefined && restored.length !== 1) throw new KernelFailure('input', `${paths.join(', ')}: nothing was restored that could be named '${as}'${reasonOf(results[0])}`);
  const where = restored.length > 0 ? await deviceNameOf(request, device, job) : '-';
  const shown: Illustrated[] = [];
  for (const { input, output } of restored.slice(0, alone ? 1 : mostShown)) shown.push(await shownResult(input, output, job, alone));
  const figures = table('Restored faces', [{ title: 'File' }, { title: 'Result' }, { title: 'Faces' }, { title: 'Time', unit: 's' }, { title: 'Device' }, { title: 'Seed' }], results.map((result) => rowOf(result, request, where, job)));
  const [one] = restored;
  return outcomeOf('restore', [...shown, figures], {
    links: restored.flatMap((result) => linksOf(result, job)),
    notes: [...notes, ...results.flatMap((result) => notesOf(result, alone, job))],
    failed: failures.length,
    named: as !== undefined && one ? { name: as, path: one.output, restored: { from: one.input, options: request } } : undefined,
  });
}

async function isOneFile(paths: readonly string[]): Promise<boolean> {
  return paths.length === 1 && (await stat(paths[0]!).catch(() => undefined))?.isDirectory() !== true;
}

async function shownResult(input: string, output: string, job: ActionJob, alone: boolean): Promise<Illustrated> {
  const pair = { after: output, before: input };
  return (await mediaKind({ path: output })) === 'clip' ? shownClip(pair, job) : shownPicture(pair, job, alone ? undefined : severalSide);
}

async function deviceNameOf({ precision, ...request }: RestoreRequest, device: string, { engines }: ActionJob): Promise<string> {
  return (await engines.engine({ model: (await planOf(request)).model, device, precision })).name;
}

function rowOf(result: FileResult, request: RestoreRequest, device: string, job: ActionJob): readonly (string | number | null)[] {
  const file = relativePath(result.input, job);
  switch (result.status) {
    case 'restored':
      return [file, relativePath(result.output, job), result.faces.length, rounded(result.seconds, 1), device, hasWalk(request) ? (request.seed ?? defaultSeed) : null];
    case 'no face':
      return [file, 'no face was found', 0, null, null, null];
    case 'skipped':
      return [file, 'skipped', null, null, null, null];
    case 'failed':
      return [file, 'failed', null, null, null, null];
    default:
      return result satisfies never;
  }
}

function linksOf({ output, trajectory, lockfile }: RestoredFile, job: ActionJob): readonly LinkedFile[] {
  const name = relativePath(output, job);
  return [
    linked(name, output, job),
    ...(lockfile === undefined ? [] : [linked(`Lockfile of ${name}`, lockfile, job)]),
    ...(trajectory === undefined ? [] : [linked(`States of ${name}`, trajectory, job)]),
  ];
}

/** @param alone the file need not be named */
function notesOf(result: FileResult, alone: boolean, job: ActionJob): readonly string[] {
  const file = relativePath(result.input, job);
  switch (result.status) {
    case 'restored':
      return alone ? result.notes : result.notes.map((note) => `${file}: ${note}`);
    case 'no face':
      return [`${file}: no face was found, and nothing was written`];
    case 'skipped':
      return [`${file}: skipped, ${result.why}`];
    case 'failed':
      return [result.message];
    default:
      return result satisfies never;
  }
}

function reasonOf(result: FileResult | undefined): string {
  if (result?.status === 'no face') return ': no face was found';
  return result?.status === 'skipped' ? `: ${result.why}` : '';
}

function failureOf({ kind, message, option, stack }: Extract<FileResult, { readonly status: 'failed' }>): Error {
  if (kind !== 'unforeseen') return option === undefined ? new KernelFailure(kind, message) : new OptionFailure(kind, option, message);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
