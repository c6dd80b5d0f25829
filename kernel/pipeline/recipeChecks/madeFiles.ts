import { basename, dirname, extname, isAbsolute, join, relative, sep } from 'node:path';
import { KernelFailure } from '../../failure.ts';
import { resultExtension } from '../../media/image.ts';
import { numbered } from '../../media/atomicFile.ts';
import type { CompareAction, RestoreAction } from '../../recipe/actions.ts';
import type { Surroundings } from '../../recipe/language/surroundings.ts';
import { defaultSuffix, walkPart, type RestoreRequest } from '../../recipe/restoreOptions.ts';
import { formatFiles } from '../../trajectory/exportWalk.ts';
import { fileOf, requestOf, resultFolder, type Place } from '../actions/named.ts';
import { walkedFile } from '../actions/walkedFile.ts';
import { isResult, kindOf } from '../collectFiles.ts';
import { likelyExtension, resultStem } from '../resultStem.ts';
import { comparisonFile, trajectoryFolder } from '../walkFile.ts';
import type { EarlierAction } from './expectedResults.ts';

type Form = 'file' | 'folder';
/** Whether an action writes a name, where that is free. */
type Wants = (earlier: EarlierAction, wanted: string) => boolean | Promise<boolean>;

/** Whether actions will write the file of a path at which nothing stands, as far as can be told before they run. @param path absolute */
export async function willBeFile(path: string, earlier: readonly EarlierAction[], around: Surroundings): Promise<boolean> {
  const wantsFile: Wants = (one, wanted) => wantsResult(one, wanted, earlier.slice(0, earlier.indexOf(one)), around);
  if (await getsName(path, 'file', wantsFile, earlier, around)) return true;
  if (await getsName(dirname(path), 'folder', (one, wanted) => writesFormat(one, basename(path)) && wantsStates(one, wanted), earlier, around)) return true;
  return isStateOfResult(path, wantsFile, earlier, around);
}

/** Likewise a folder. */
export async function willBeFolder(path: string, earlier: readonly EarlierAction[], around: Surroundings): Promise<boolean> {
  const holds = await Promise.all(earlier.map((one) => writesInto(one, path, around)));
  return holds.includes(true) || getsName(path, 'folder', wantsStates, earlier, around);
}

/** Whether some action might write a path, whatever it is: names of results and states have a word before their extension, or lie in a folder of states; a folder for results may be called anything. */
export function couldBeMade(path: string, folders: boolean): boolean {
  return /\.[^./\\]+\.[^./\\]+$|\.trajectory[/\\]/.test(path) || (folders && !/\.[^./\\]*$/.test(path));
}

/** Each of the actions that want a name takes the next free number of it; one that is asked for twice takes what it made. */
async function getsName(path: string, form: Form, wants: Wants, earlier: readonly EarlierAction[], around: Surroundings): Promise<boolean> {
  for (const { wanted, number } of readings(path, form)) {
    const asked = await Promise.all(earlier.map(async (one) => unlessRefused(() => wants(one, wanted))));
    const makers = new Set(earlier.filter((_, i) => asked[i] === true).map(({ action }) => JSON.stringify({ ...action.value, as: undefined })));
    let free = makers.size;
    for (let before = 1; before < number && free > 0; before++) {
      if (!(await around.entry(form === 'file' ? numbered(wanted, before) : `${wanted}-${before}`.replace(/-1$/, '')))) free--;
    }
    if (free > 0) return true;
  }
  return false;
}

/** A path as a name that was free, and as a numbered one. */
function readings(path: string, form: Form): readonly { readonly wanted: string; readonly number: number }[] {
  const extension = form === 'file' ? extname(path) : '';
  const [, stem, number] = /^(.*[^/\\])-([2-9]|[1-9]\d{1,5})$/.exec(path.slice(0, path.length - extension.length)) ?? [];
  return [{ wanted: path, number: 1 }, ...(stem === undefined ? [] : [{ wanted: stem + extension, number: Number(number) }])];
}

/** What is wrong with an action is told where it stands. */
async function unlessRefused(use: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await use();
  } catch (error) {
    if (error instanceof KernelFailure) return false;
    throw error;
  }
}

/** @param before what runs before the action: it may fill a folder that this one restores */
async function wantsResult({ action, place }: EarlierAction, wanted: string, before: readonly EarlierAction[], around: Surroundings): Promise<boolean> {
  if (action.kind === 'compare') return isComparison(action.value, place, wanted);
  if (action.kind !== 'restore') return false;
  const options = requestOf(action.value, place);
  const { suffix = defaultSuffix } = options;
  const found = await Promise.all(originals(action.value, place).map(async (from) => {
    const kind = (await around.entry(from))?.kind ?? kindOf(from) ?? 'folder';
    if (kind !== 'folder') return isResultOf(wanted, { from, subfolder: '' }, options, around);
    const subfolder = relative(options.output ?? from, dirname(wanted));
    if (!isCollected(subfolder)) return false;
    const folder = join(from, subfolder);
    const result = isResult(suffix);
    const inside = (await around.files(folder)).filter((entry) => (entry.kind === 'picture' || entry.kind === 'clip') && !entry.name.startsWith('.') && !result.test(entry.name));
    if ((await Promise.all(inside.map(({ name }) => isResultOf(wanted, { from: join(folder, name), subfolder }, options, around)))).includes(true)) return true;
    const [extension, ending] = [extname(wanted), `.${suffix}${extname(wanted)}`];
    const original = basename(wanted).slice(0, -ending.length) + extension;
    return wanted.endsWith(ending) && !result.test(original) && willBeFile(join(folder, original), before, around);
  }));
  return found.includes(true);
}

function originals({ restore }: RestoreAction, place: Place): readonly string[] {
  return [restore].flat().map((value) => fileOf(value, place).path);
}

/** Of a folder, what lies in hidden folders and among states is not restored. */
function isCollected(subfolder: string): boolean {
  return subfolder.split(sep).every((part) => !part.startsWith('.') && !part.endsWith('.trajectory')) && !isAbsolute(subfolder);
}

/** Whether the restoration of a file asks for a name. */
export async function isResultOf(wanted: string, { from, subfolder }: { readonly from: string; readonly subfolder: string }, options: RestoreRequest, around: Surroundings): Promise<boolean> {
  const stem = resultStem(from, options, subfolder);
  const clip = kindOf(from) === 'clip';
  if (!wanted.startsWith(stem) || (clip && options.aligned === true)) return false;
  if (wanted === stem + likelyExtension(from)) return true;
  if (clip || (wanted !== `${stem}.png` && wanted !== stem + extname(from))) return false;
  const picture = await around.media(from);                             // its name may say something else than it is
  return typeof picture === 'object' && wanted === stem + resultExtension(from, picture.format);
}

function isComparison(action: CompareAction, place: Place, wanted: string): boolean {
  const output = resultFolder(action, place);
  if (output === undefined) return false;
  const { compare, face = 1, frame = frameIn(wanted) } = action;
  return wanted === comparisonFile(walkedFile('compare', compare, face, {}, place).path, face, frame - 1, output);
}

function wantsStates({ action, place }: EarlierAction, wanted: string): boolean {
  if (action.kind !== 'trajectory' || (action.value.formats ?? []).length === 0) return false;
  const { trajectory, face = 1, frame = frameIn(wanted) } = action.value;
  return wanted === trajectoryFolder(walkedFile('trajectory', trajectory, face, walkPart(action.value), place).path, face, frame - 1, resultFolder(action.value, place));
}

/** Which frame a name is of, where the action leaves that open. Counted from 1. */
function frameIn(path: string): number {
  return Number(/\.frame-(\d{1,9})\.[^/\\]*$/.exec(path)?.[1] ?? 1);
}

function writesFormat({ action }: EarlierAction, file: string): boolean {
  return action.kind === 'trajectory' && (action.value.formats ?? []).some((format) => formatFiles[format] === file);
}

/** `name.restored.png.trajectory/face-1/strip.png`: the states that a restoration keeps beside its result. */
async function isStateOfResult(path: string, wantsFile: Wants, earlier: readonly EarlierAction[], around: Surroundings): Promise<boolean> {
  const face = Number(/^face-(\d+)$/.exec(basename(dirname(path)))?.[1]);
  const folder = dirname(dirname(path));
  if (!Number.isInteger(face) || !folder.endsWith('.trajectory') || ![formatFiles.npz, formatFiles.png].includes(basename(path))) return false;
  const result = folder.slice(0, -'.trajectory'.length);
  const keeps: Wants = ({ action }) => action.kind === 'restore' && action.value.trajectory === true && (!Array.isArray(action.value.faces) || action.value.faces.includes(face));
  const kept = await Promise.all(readings(result, 'file').flatMap(({ wanted }) => earlier.map(async (one) => unlessRefused(async () => await keeps(one, wanted) && await wantsFile(one, wanted)))));
  return kept.includes(true) && getsName(result, 'file', wantsFile, earlier, around);
}

/** Whether results go into a folder, or below it. */
async function writesInto({ action, place }: EarlierAction, path: string, around: Surroundings): Promise<boolean> {
  const output = 'output' in action.value ? resultFolder(action.value, place) : undefined;
  if (output === undefined) return false;
  if (output === path || output.startsWith(path + sep)) return true;
  const subfolder = relative(output, path);
  if (action.kind !== 'restore' || !isCollected(subfolder)) return false;
  return unlessRefused(async () => (await Promise.all(originals(action.value, place).map((from) => around.entry(join(from, subfolder))))).some((entry) => entry?.kind === 'folder'));
}
