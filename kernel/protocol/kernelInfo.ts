import type { OptionWords, RestoreOptionName } from '../recipe/optionWords.ts';
import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import type { KeptSteps } from '../trajectory/walkTypes.ts';

/** What the editor tells the kernel at its start (`initializationOptions`). */
export interface KernelSettings {
  /** Bytes that restored crops may take on disk. */
  readonly cacheBytes?: number;
  /** Bytes that the states of walks may take on disk. */
  readonly trajectoryBytes?: number;
  /** Which states of a walk are kept; every one where absent. */
  readonly keptSteps?: KeptSteps;
  readonly keptPrecision?: 'auto' | 'float16' | 'float32';
  /** `auto`, `cpu`, ...: where results are looked for that were made earlier. */
  readonly usualDevice?: string;
}

/** A model one can choose, with what gives its best results. */
export interface ModelSummary {
  readonly name: string;
  readonly title: string;
  readonly installed: boolean;
  /** Said with every restoration: what the model is not made for. */
  readonly notice?: string;
  readonly defaults: { readonly sampler: 'ddim' | 'ddpm' | 'dpm++'; readonly start: number; readonly steps: number; readonly eta: number };
  /** What trades a little quality for speed. */
  readonly fast: { readonly sampler: 'dpm++'; readonly start: number; readonly steps: number };
}

export type DetectorChoice = NonNullable<RestoreRequest['detector']>;

/** What finds faces: one can be chosen once its weights are installed. */
export interface DetectorSummary {
  readonly name: DetectorChoice;
  readonly title: string;
  readonly installed: boolean;
}

export interface KernelInfo {
  readonly version: string;
  /** Model that restores where none is named. */
  readonly model: string;
  readonly models: readonly ModelSummary[];
  readonly detectors: readonly DetectorSummary[];
  /** Every option of a restoration: its words and its range. */
  readonly options: Readonly<Record<RestoreOptionName, OptionWords>>;
}

export interface ModelParams {
  /** As `RestoreRequest` names it: that of a listed model, or a folder. */
  readonly name: string;
}

/** Where the networks run, and why there. */
export interface ActiveDevice {
  /** `cpu`, `cuda:1`, ... */
  readonly name: string;
  readonly precision: 'float32' | 'float16';
  /** Most faces computed at once. */
  readonly batch: number;
  readonly reason: string;
}
