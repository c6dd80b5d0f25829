import { OptionFailure } from '../failure.ts';
import type { MeasureAction, Metric, ShowAction } from '../recipe/actions.ts';
import { kindOf } from './collectFiles.ts';

/** What actions refuse to do with files of a kind, before they open them. All throw `OptionFailure('usage')`. */

type Kind = 'picture' | 'clip';

/** A file of an action, as far as its name tells. */
export interface FileOfKind {
  readonly path: string;
  readonly kind: Kind;
}

/** @param frame as it was asked for, counted from 1 */
export function refuseFrame({ path, kind }: FileOfKind, frame: number | undefined): void {
  if (kind === 'picture' && frame !== undefined) throw new OptionFailure('usage', 'frame', `${path} is a picture: it has no frame ${frame}; leave 'frame' away`);
}

/** @param frames how many the clip has; @param frame as it was asked for, counted from 1 */
export function refuseFrameBeyond(path: string, frames: number, frame: number): void {
  if (frame > frames) throw new OptionFailure('usage', 'frame', `${path} has the frames 1 to ${frames}, and none with the number ${frame}`);
}

/** A crop that is aligned already is one face in one picture. */
export function refuseAligned(path: string, aligned: boolean | undefined, face: number): void {
  if (aligned !== true) return;
  if (kindOf(path) === 'clip') throw new OptionFailure('usage', 'aligned', `${path} is a clip: --aligned is for a picture that is one aligned face`);
  if (face !== 1) throw new OptionFailure('usage', 'face', `${path} is taken as one aligned face: there is no face ${face}; leave --face or --aligned out`);
}

/** A name stands for one result. @param files how many there would be */
export function refuseSeveral(files: number, as: string): void {
  if (files !== 1) throw new OptionFailure('usage', 'as', `'as: ${as}' names one result, and these are ${files} files; name one file, or leave 'as' away`);
}

/** Only clips have a codec. @param named the files where all of them were named, and not a folder of them */
export function refuseCodec(named: readonly FileOfKind[], codec: string | undefined): void {
  const [file, ...others] = named;
  if (codec === undefined || !file || named.some(({ kind }) => kind === 'clip')) return;
  throw new OptionFailure('usage', 'codec', `${others.length === 0 ? `${file.path} is a picture` : `these ${named.length} files are pictures`}: --codec is for clips; leave it away`);
}

/** What lies under a line with another is of its kind. */
export function refuseBeside(file: FileOfKind, other: FileOfKind | undefined, { beside }: Pick<ShowAction, 'beside'>): void {
  if (other && other.kind !== file.kind) throw new OptionFailure('usage', beside === undefined ? 'show' : 'beside', `${file.path} is a ${file.kind} and ${other.path} is none: they cannot lie under one line`);
}

/** Files are compared with one of their kind. */
export function refuseReference(files: readonly FileOfKind[], reference: FileOfKind | undefined): void {
  const other = reference && files.find(({ kind }) => kind !== reference.kind);
  if (other) throw new OptionFailure('usage', 'against', `${reference.path} is a ${reference.kind}, and only ${reference.kind}s are compared with it: ${other.path} is none`);
}

/** A file that is compared with a reference. */
export interface MeasurableFile {
  readonly path: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** 1 of a picture; undefined where nobody counted them. */
  readonly frames: number | undefined;
}

/** Files are compared with one of their size and length. */
export function refuseUnlike(file: MeasurableFile, reference: MeasurableFile): void {
  const size = ({ width, height }: MeasurableFile): string => `${width} x ${height} px`;
  if (size(file) !== size(reference)) throw new OptionFailure('usage', 'against', `${file.path} has ${size(file)} and the reference ${reference.path} ${size(reference)}: only files of one size are compared`);
  if (file.frames === undefined || reference.frames === undefined || file.frames === reference.frames) return;
  throw new OptionFailure('usage', 'against', `${file.path} has ${file.frames} frames and the reference ${reference.path} ${reference.frames}: only clips with as many frames are compared`);
}

/** What is measured of files: what is asked for, or all that applies. @param reference whether there is one */
export function metricsOf({ metrics }: Pick<MeasureAction, 'metrics'>, files: readonly FileOfKind[], reference: boolean): readonly Metric[] {
  const clips = files.every(({ kind }) => kind === 'clip');
  if (metrics === undefined) return reference ? ['psnr', 'ssim', 'sharpness', ...(clips ? ['flicker'] as const : [])] : ['sharpness'];
  if (metrics.includes('flicker') && !clips) throw new OptionFailure('usage', 'metrics', 'flicker is the change from frame to frame: pictures have none');
  return [...new Set(metrics)];
}
