import type { RestoreProgress } from '../pipeline/progress.ts';
import type { RestoreRequest } from '../recipe/restoreOptions.ts';

export interface CollectParams {
  readonly paths: readonly string[];
  readonly suffix?: string;
}

export interface Collected {
  readonly files: readonly { readonly path: string; readonly kind: 'picture' | 'clip'; readonly subfolder: string }[];
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
  /** Folders in which there is nothing at all to restore. */
  readonly empty: readonly string[];
}

/** A piece of work. `job` is chosen by the caller and names it in its progress. */
export interface JobParams {
  readonly job: string;
  readonly options: RestoreRequest;
  /** `auto`, `cpu`, ... */
  readonly device: string;
}

export interface RestoreParams extends JobParams {
  /** Absolute path of one picture or clip. */
  readonly path: string;
}

/** What is written beside a result. */
export interface LockfileParam {
  /** Whether the recipe that makes a result again is; it is where absent. */
  readonly lockfile?: boolean;
}

export interface RestoreFileParams extends RestoreParams, LockfileParam {
  /** A result that stands there, made in the same way and unchanged, is taken; it is made anew where absent. */
  readonly reuse?: boolean;
}

export interface DevelopParams extends RestoreParams {
  /** First and last frame of the part of a clip; all of it where absent. */
  readonly range?: { readonly first: number; readonly last: number };
}

export interface Developed {
  readonly faces: number;
  readonly frames: number;
  /** Whether its faces, in all frames, were restored by an earlier run. */
  readonly before: 'none' | 'some' | 'all';
  readonly seconds: number;
}

export interface ExportParams extends RestoreParams, LockfileParam {
  /** Where the result goes; beside the original, or where the options say, when absent. `replace`: a file of this name gives way. */
  readonly place?: { readonly path: string; readonly replace: boolean };
}

export interface JobProgress {
  readonly job: string;
  readonly progress: RestoreProgress;
}
