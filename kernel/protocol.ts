import { NotificationType, RequestType, RequestType0 } from 'vscode-languageserver-protocol';
import type { FailureKind } from './failure.ts';
import type { DeviceFailure } from './pipeline/enginePool.ts';
import type { FileResult, RestoreProgress } from './pipeline/progress.ts';
import type { OpenedRecipe } from './pipeline/editorRecipe.ts';
import type { MadeBy } from './pipeline/madeBy.ts';
import type { Replayed } from './pipeline/replay.ts';
import type { Difference } from './pipeline/replayDifferences.ts';
import type { FoundFace, FramePlace, MediaInfo, PictureInfo, ClipViewInfo } from './pipeline/viewTypes.ts';
import type { ActionKind } from './recipe/actions.ts';
import type { ActionOutcome, Embedded, LinkedFile, NamedResult, Shown } from './recipe/outcome.ts';
import type { OptionWords, RestoreOptionName } from './recipe/optionWords.ts';
import type { RecipeSummary } from './recipe/summary.ts';
import type { FaceChoice, RestoreRequest } from './recipe/restoreOptions.ts';
import type { Band, Branch, KeptSteps, Place, Previews, SeedMapInfo, StateKind, StepFrameGrid, TensorHeader, Turn, WalkedFace, WalkFigures, WalkFormat, WalkInfo, WalkRef, WalkStep } from './trajectory/walkTypes.ts';
import type { ListedFile, ListedLicence, ListedWeights, RemovedFile, VerifiedFile } from './weights/listed.ts';
import type { NetworkSettings } from './weights/network.ts';
import type { WeightsProgress } from './weights/progress.ts';

export type { DeviceFailure, FaceChoice, FailureKind, FileResult, FoundFace, FramePlace, MediaInfo, PictureInfo, ClipViewInfo, RestoreProgress, RestoreRequest };
export type { Band, Branch, KeptSteps, Place, Previews, SeedMapInfo, StateKind, StepFrameGrid, TensorHeader, Turn, WalkedFace, WalkFigures, WalkFormat, WalkInfo, WalkRef, WalkStep };
export type { Difference, MadeBy, OpenedRecipe, OptionWords, Replayed, RestoreOptionName };
export type { ActionKind, ActionOutcome, Embedded, LinkedFile, NamedResult, RecipeSummary, Shown };
export type { ListedFile, ListedLicence, ListedWeights, NetworkSettings, RemovedFile, VerifiedFile, WeightsProgress };

/** A `KernelFailure` as it crosses the process border: `data` of the response error. */
export interface FailureData {
  readonly kind: FailureKind;
}

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

export interface RestoreFileParams extends RestoreParams, LockfileParam {}

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

export interface ExportParams extends RestoreFileParams {
  /** Where the result goes; beside the original, or where the options say, when absent. `replace`: a file of this name gives way. */
  readonly place?: { readonly path: string; readonly replace: boolean };
}

/** `view` is a name that the caller chose for one editor; everything that is asked about what it shows bears it. */
export interface ViewParams {
  readonly view: string;
}

export interface OpenParams extends ViewParams {
  readonly path: string;
  /** An earlier result of it, to compare with. */
  readonly result?: string;
}

/** What is shown as restored: what is stored under these options, or the file that was opened as the result. */
export type RestoredLayer = RestoreRequest | 'result';

export interface PictureParams extends ViewParams {
  /** The original where absent. */
  readonly restored?: RestoredLayer;
}

export interface FramesParams extends ViewParams {
  /** Presentation time of the first frame in ticks. */
  readonly from: number;
  readonly count: number;
  /** Size of the frames that are made. */
  readonly width: number;
  readonly height: number;
  readonly restored?: RestoredLayer;
}

/** A file that the receiver reads and then deletes: pixels do not travel in messages. */
export interface HandedOver {
  readonly file: string;
  /** It belongs to the kernel: read at once, from the offset to its end, it is not deleted. */
  readonly lasting?: { readonly offset: number };
}

export interface HandedFrames extends HandedOver {
  /** Another request came first: frames are missing that the clip has. */
  readonly interrupted: boolean;
  readonly frames: readonly FramePlace[];
}

export interface SoundParams extends ViewParams {
  /** Seconds from the start of the clip. */
  readonly from: number;
  readonly seconds: number;
}

/** Interleaved 16-bit samples, little endian. */
export interface HandedSound extends HandedOver {
  readonly sampleRate: number;
  readonly channels: number;
}

export interface ThumbnailParams extends ViewParams {
  readonly ticks: number;
  readonly width: number;
  readonly height: number;
}

export interface FaceCropParams extends ViewParams {
  readonly number: number;
  readonly restored?: RestoreRequest;
}

export type DetectorChoice = NonNullable<RestoreRequest['detector']>;

export interface KnownFacesParams extends ViewParams {
  /** What finds the faces of the view from now on; `auto` where absent. */
  readonly detector?: DetectorChoice;
}

export interface FindFacesParams extends KnownFacesParams {
  readonly job: string;
}

export interface RestoredParams extends ViewParams {
  readonly options: RestoreRequest;
}

/** A walk under the options of a restoration. */
export interface WalkParams extends ViewParams {
  readonly options: RestoreRequest;
  readonly walk: WalkRef;
}

/** What may have to be computed first. */
export interface WalkJobParams extends WalkParams {
  readonly job: string;
  readonly device: string;
}

export interface OpenWalkParams extends WalkJobParams {
  /** Walk where it is not kept; else the answer is null then. */
  readonly compute: boolean;
}

export interface StateParams extends WalkParams {
  readonly state: StateKind;
  readonly order: number;
}

export interface BranchesParams extends ViewParams {
  readonly options: RestoreRequest;
  readonly of: WalkedFace;
}

export interface NameBranchParams extends WalkParams {
  /** null: it is forgotten. */
  readonly name: string | null;
}

export interface SeedMapParams extends WalkJobParams {
  readonly seeds: number;
}

export interface BlendedParams extends SeedMapParams {
  readonly above: number;
}

export interface GridParams extends WalkJobParams {
  readonly first: number;
  readonly last: number;
  readonly rows: number;
}

export interface ExportWalkParams extends WalkJobParams {
  readonly formats: readonly WalkFormat[];
  /** Where it goes; the next free name is taken where it is there already. */
  readonly wanted: string;
}

export interface ExportGridParams extends GridParams {
  readonly wanted: string;
}

export interface DevicesParams {
  /** Tries again what was tried before. */
  readonly again: boolean;
}

export interface InstallCudaParams {
  readonly job: string;
  /** A person was told how much is fetched, and from where. */
  readonly agreed: true;
}

/** A place where networks may run, and what came of trying it. */
export interface DeviceInfo {
  /** `cpu`, `cuda`, `cuda:1`, ... */
  readonly name: string;
  /** What the driver calls the card. */
  readonly card?: string;
  readonly usable: boolean;
  /** Also in float16. */
  readonly float16: boolean;
  readonly reason: string;
  /** ISO time of the trial. */
  readonly when: string;
}

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
  /** A file, or a folder with files. */
  readonly path: string;
  readonly job: string;
}

export interface ImportedWeights {
  readonly imported: readonly { readonly id: string; readonly file: string; readonly from: string; readonly published: 'same' | 'other' | 'unknown' }[];
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
}

/** The text of a recipe: a document, or the cell of a notebook. */
export interface RecipeParams {
  readonly text: string;
  /** Absolute: what its paths are relative to. */
  readonly folder: string;
  /** Results that have a name, of earlier cells. */
  readonly names: readonly NamedResult[];
}

export interface RunActionParams extends RecipeParams {
  readonly job: string;
  /** Which one, counted from 0. */
  readonly action: number;
  /** Where the networks run if the action does not say. */
  readonly device: string;
}

export interface WriteRecipeParams {
  /** Absolute path of what is restored. */
  readonly path: string;
  readonly options: RestoreRequest;
  readonly device: string;
  /** Absolute: where the recipe will be. */
  readonly folder: string;
}

export interface OpenRecipeParams {
  readonly text: string;
  /** Absolute: what its paths are relative to. */
  readonly folder: string;
  /** Which action, counted from 0. */
  readonly action: number;
}

export interface ReplayParams {
  /** Absolute path of a lockfile. */
  readonly path: string;
  readonly job: string;
}

export interface MadeByParams {
  /** Absolute path of what may be a result. */
  readonly path: string;
  /** Whether all of it is read, to see whether it was changed since. */
  readonly verify: boolean;
}

export interface Written {
  readonly path: string;
}

/** What the editor may ask of the kernel. Every request is answered: with a result, or with an error whose `data` is `FailureData`. */
export const requests = {
  info: new RequestType0<KernelInfo, FailureData>('kernel/info'),
  /** One model, which may be a folder of a person's own. */
  model: new RequestType<ModelParams, ModelSummary, FailureData>('kernel/model'),
  collect: new RequestType<CollectParams, Collected, FailureData>('files/collect'),
  /** Restores one file and writes the result. */
  restore: new RequestType<RestoreFileParams, FileResult, FailureData>('faces/restore'),
  /** Restores into the store, for views; nothing is written beside the original. */
  develop: new RequestType<DevelopParams, Developed, FailureData>('faces/develop'),
  /** Writes a result from the store. */
  export: new RequestType<ExportParams, FileResult, FailureData>('faces/export'),
  open: new RequestType<OpenParams, MediaInfo, FailureData>('view/open'),
  close: new RequestType<ViewParams, null, FailureData>('view/close'),
  /** Presentation times of all frames of a clip, in ticks. */
  index: new RequestType<ViewParams, readonly number[], FailureData>('view/index'),
  picture: new RequestType<PictureParams, HandedOver, FailureData>('view/picture'),
  frames: new RequestType<FramesParams, HandedFrames, FailureData>('view/frames'),
  sound: new RequestType<SoundParams, HandedSound, FailureData>('view/sound'),
  thumbnail: new RequestType<ThumbnailParams, HandedOver | null, FailureData>('view/thumbnail'),
  findFaces: new RequestType<FindFacesParams, readonly FoundFace[], FailureData>('view/findFaces'),
  knownFaces: new RequestType<KnownFacesParams, readonly FoundFace[] | null, FailureData>('view/knownFaces'),
  faceCrop: new RequestType<FaceCropParams, HandedOver | null, FailureData>('view/faceCrop'),
  /** Frames of a clip that are restored completely; of a picture, the numbers of its restored faces. */
  restored: new RequestType<RestoredParams, readonly number[], FailureData>('view/restored'),
  walk: new RequestType<OpenWalkParams, WalkInfo | null, FailureData>('walk/open'),
  previews: new RequestType<WalkParams, Previews & HandedOver, FailureData>('walk/previews'),
  state: new RequestType<StateParams, TensorHeader & HandedOver, FailureData>('walk/state'),
  /** A state in full size as a JPEG. */
  statePicture: new RequestType<StateParams, HandedOver, FailureData>('walk/statePicture'),
  branches: new RequestType<BranchesParams, readonly Branch[], FailureData>('walk/branches'),
  nameBranch: new RequestType<NameBranchParams, readonly Branch[], FailureData>('walk/nameBranch'),
  seedMap: new RequestType<SeedMapParams, SeedMapInfo & HandedOver, FailureData>('walk/seedMap'),
  blended: new RequestType<BlendedParams, TensorHeader & HandedOver, FailureData>('walk/blended'),
  grid: new RequestType<GridParams, StepFrameGrid & HandedOver, FailureData>('walk/grid'),
  exportWalk: new RequestType<ExportWalkParams, Written, FailureData>('walk/export'),
  exportGrid: new RequestType<ExportGridParams, Written, FailureData>('walk/exportGrid'),
  /** Puts what a walk ended in where the restored face under these options is looked for; the options name its turns. */
  adopt: new RequestType<WalkParams, null, FailureData>('walk/adopt'),
  recipe: new RequestType<RecipeParams, RecipeSummary, FailureData>('recipe/read'),
  /** Runs one action. What is handed over is an `ActionOutcome` as JSON. */
  runAction: new RequestType<RunActionParams, HandedOver, FailureData>('recipe/run'),
  /** What made a result, as the lockfile beside it says; null where there is none. */
  madeBy: new RequestType<MadeByParams, MadeBy | null, FailureData>('recipe/madeBy'),
  /** Makes a result again by its lockfile, and compares. */
  replay: new RequestType<ReplayParams, Replayed, FailureData>('recipe/replay'),
  /** How a file is restored, as the text of a recipe. */
  writeRecipe: new RequestType<WriteRecipeParams, { readonly text: string }, FailureData>('recipe/write'),
  /** What a restoration of a recipe asks for, for the editor. */
  openRecipe: new RequestType<OpenRecipeParams, OpenedRecipe, FailureData>('recipe/open'),
  devices: new RequestType<DevicesParams, readonly DeviceInfo[], FailureData>('device/list'),
  /** Fetches the libraries for cards of NVIDIA (Linux). */
  installCuda: new RequestType<InstallCudaParams, { readonly files: readonly string[] }, FailureData>('device/installCuda'),
  weights: new RequestType<Readonly<Record<string, never>>, ListedWeights, FailureData>('weights/list'),
  installWeights: new RequestType<InstallWeightsParams, readonly ListedFile[], FailureData>('weights/install'),
  importWeights: new RequestType<ImportWeightsParams, ImportedWeights, FailureData>('weights/import'),
  verifyWeights: new RequestType<WeightsJobParams, readonly VerifiedFile[], FailureData>('weights/verify'),
  removeWeights: new RequestType<WeightsParams, readonly RemovedFile[], FailureData>('weights/remove'),
} as const;

/** What the kernel may ask of the editor. */
export const questions = {
  /** A device failed in the middle of work: may it go on on the next one? */
  deviceFailed: new RequestType<DeviceFailure, boolean, void>('device/failed'),
} as const;

export interface JobProgress {
  readonly job: string;
  readonly progress: RestoreProgress;
}

export interface WeightsJobProgress {
  readonly job: string;
  readonly progress: WeightsProgress;
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

/** What the kernel says unasked. */
export const notifications = {
  progress: new NotificationType<JobProgress>('job/progress'),
  device: new NotificationType<ActiveDevice>('kernel/device'),
  weights: new NotificationType<WeightsJobProgress>('weights/progress'),
} as const;

/** One function for each request: a request without one does not compile. */
export type KernelHandlers = {
  readonly [K in keyof typeof requests]: (typeof requests)[K] extends RequestType<infer P, infer R, FailureData>
    ? (params: P, signal: AbortSignal) => Promise<R>
    : (typeof requests)[K] extends RequestType0<infer R, FailureData> ? () => Promise<R> : never;
};

