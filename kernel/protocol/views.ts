import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import type { DetectorChoice } from './kernelInfo.ts';

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

export interface SoundParams extends ViewParams {
  /** Seconds from the start of the clip. */
  readonly from: number;
  readonly seconds: number;
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
