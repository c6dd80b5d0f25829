import { NotificationType, RequestType, RequestType0 } from 'vscode-languageserver-protocol';
import type { FailureKind } from './failure.ts';
import type { OpenedRecipe } from './pipeline/editorRecipe.ts';
import type { DeviceFailure } from './pipeline/enginePool.ts';
import type { MadeBy } from './pipeline/madeBy.ts';
import type { FileResult } from './pipeline/progress.ts';
import type { Replayed } from './pipeline/replay.ts';
import type { FoundFace, MediaInfo } from './pipeline/viewTypes.ts';
import type { DeviceInfo, DevicesParams, InstallCudaParams } from './protocol/devices.ts';
import type { HandedFrames, HandedOver, HandedSound, Written } from './protocol/handedOver.ts';
import type { ActiveDevice, KernelInfo, ModelParams, ModelSummary } from './protocol/kernelInfo.ts';
import type { MadeByParams, OpenRecipeParams, PlanRunParams, RecipeParams, ReplayParams, RunActionParams, WriteRecipeParams } from './protocol/recipes.ts';
import type { CollectParams, Collected, DevelopParams, Developed, ExportParams, JobProgress, RestoreFileParams } from './protocol/restorations.ts';
import type { FaceCropParams, FindFacesParams, FramesParams, KnownFacesParams, OpenParams, PictureParams, RestoredParams, SoundParams, ThumbnailParams, ViewParams } from './protocol/views.ts';
import type { BlendedParams, BranchesParams, ExportGridParams, ExportWalkParams, GridParams, NameBranchParams, OpenWalkParams, SeedMapParams, StateParams, WalkParams } from './protocol/walks.ts';
import type { ImportWeightsParams, ImportedWeights, InstallWeightsParams, WeightsJobParams, WeightsJobProgress, WeightsParams } from './protocol/weights.ts';
import type { PlannedRun } from './pipeline/recipeChecks/plannedRun.ts';
import type { RecipeSummary } from './recipe/summary.ts';
import type { Branch, Previews, SeedMapInfo, StepFrameGrid, TensorHeader, WalkInfo } from './trajectory/walkTypes.ts';
import type { InstalledFiles, ListedWeights, RemovedFiles, VerifiedFile } from './weights/listed.ts';

export type { FailureKind } from './failure.ts';
export type { OpenedRecipe } from './pipeline/editorRecipe.ts';
export type { DeviceFailure } from './pipeline/enginePool.ts';
export type { MadeBy } from './pipeline/madeBy.ts';
export type { FileResult, RestoreProgress } from './pipeline/progress.ts';
export type { Replayed } from './pipeline/replay.ts';
export type { Difference } from './pipeline/replayDifferences.ts';
export type { ClipViewInfo, FoundFace, FramePlace, MediaInfo, PictureInfo } from './pipeline/viewTypes.ts';
export type { ActionKind } from './recipe/actions.ts';
export type { OptionWords, RestoreOptionName } from './recipe/optionWords.ts';
export { notebookFolder } from './recipe/notebookFolder.ts';
export type { ActionOutcome, Embedded, LinkedFile, NamedResult, Shown } from './recipe/outcome.ts';
export type { FaceChoice, RestoreRequest } from './recipe/restoreOptions.ts';
export type { RecipeSummary } from './recipe/summary.ts';
export type { PlannedRun } from './pipeline/recipeChecks/plannedRun.ts';
export type { Band, Branch, KeptSteps, Place, Previews, SeedMapInfo, StateKind, StepFrameGrid, TensorHeader, Turn, WalkedFace, WalkFigures, WalkFormat, WalkInfo, WalkRef, WalkStep } from './trajectory/walkTypes.ts';
export type { InstalledFiles, ListedFile, ListedLicence, ListedWeights, RemovedFiles, VerifiedFile } from './weights/listed.ts';
export type { NetworkSettings } from './weights/network.ts';
export type { WeightsProgress } from './weights/progress.ts';
export type * from './protocol/devices.ts';
export type * from './protocol/handedOver.ts';
export type * from './protocol/kernelInfo.ts';
export type * from './protocol/recipes.ts';
export type * from './protocol/restorations.ts';
export type * from './protocol/views.ts';
export type * from './protocol/walks.ts';
export * from './protocol/weights.ts';

/** A `KernelFailure` as it crosses the process border: `data` of the response error. */
export interface FailureData {
  readonly kind: FailureKind;
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
  /** What is in a recipe. */
  recipe: new RequestType<RecipeParams, RecipeSummary, FailureData>('recipe/read'),
  /** Which of its actions are going to run, and all that would keep one of them from it. Devices that it names are tried. */
  planRun: new RequestType<PlanRunParams, PlannedRun, FailureData>('recipe/plan'),
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
  installWeights: new RequestType<InstallWeightsParams, InstalledFiles, FailureData>('weights/install'),
  importWeights: new RequestType<ImportWeightsParams, ImportedWeights, FailureData>('weights/import'),
  verifyWeights: new RequestType<WeightsJobParams, readonly VerifiedFile[], FailureData>('weights/verify'),
  removeWeights: new RequestType<WeightsParams, RemovedFiles, FailureData>('weights/remove'),
} as const;

/** What the kernel may ask of the editor. */
export const questions = {
  /** A device failed in the middle of work: may it go on on the next one? */
  deviceFailed: new RequestType<DeviceFailure, boolean, void>('device/failed'),
} as const;

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
