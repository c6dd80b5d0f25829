import type { NetworkSettings } from '../weights/network.ts';
import type { PathWithReason } from '../weights/importFiles.ts';
import type { WeightsProgress } from '../weights/progress.ts';

export { inMegabytes } from '../weights/megabytes.ts';
export { notTriedWords } from '../weights/notTriedWords.ts';
export { progressWords as weightsProgressWords } from '../weights/progressWords.ts';

/** Files are named by short names, file names, or sets. */
export interface WeightsParams {
  readonly names: readonly string[];
}

export interface WeightsJobParams extends WeightsParams {
  readonly job: string;
}

export interface InstallWeightsParams extends WeightsJobParams {
  /** Keys of licences that were shown and accepted; they are remembered. */
  readonly accepted: readonly string[];
  readonly network: NetworkSettings;
}

export interface ImportWeightsParams {
  /** Files, and folders with files. */
  readonly paths: readonly string[];
  readonly job: string;
}

export interface ImportedWeights {
  readonly imported: readonly { readonly id: string; readonly file: string; readonly from: string; readonly published: 'same' | 'other' | 'unknown' }[];
  readonly skipped: readonly PathWithReason[];
  /** Of several paths, those that cannot be imported. */
  readonly failed: readonly PathWithReason[];
  /** What was imported and could not be converted. */
  readonly unconverted: readonly { readonly file: string; readonly why: string }[];
}

export interface WeightsJobProgress {
  readonly job: string;
  readonly progress: WeightsProgress;
}
