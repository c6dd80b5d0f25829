import type { FailureKind } from '../failure.ts';
import type { Face } from '../faces/face.ts';

/** What a restoration tells while it runs. */
export type RestoreProgress =
  | { readonly stage: 'preparing'; readonly what: string }
  | { readonly stage: 'detecting'; readonly frame: number; readonly frames: number }
  /** Faces that are going to be restored, and what a person should know before they are. */
  | { readonly stage: 'found'; readonly faces: number; readonly frames: number; readonly warning?: string }
  | {
      readonly stage: 'restoring';
      /** Frames done and in all; a picture is one frame. */
      readonly frame: number;
      readonly frames: number;
      /** Faces done and in all, over the whole file. */
      readonly face: number;
      readonly faces: number;
      /** Network calls done and in all for the faces in work. */
      readonly step: number;
      readonly steps: number;
    }
  /** Walks done and in all, network calls done and in all for the one in work. */
  | { readonly stage: 'walking'; readonly walk: number; readonly walks: number; readonly step: number; readonly steps: number }
  /** All chosen faces of a frame are restored. */
  | { readonly stage: 'frameDone'; readonly frame: number }
  /** Parts of the background done and in all. */
  | { readonly stage: 'enlarging'; readonly tile: number; readonly tiles: number }
  /** Files that are measured, done and in all; frames done and in all of the one in work, whose name is as the document says it. */
  | { readonly stage: 'measuring'; readonly name: string; readonly file: number; readonly files: number; readonly frame: number; readonly frames: number }
  /** States of walks that are written, done and in all. */
  | { readonly stage: 'writingStates'; readonly state: number; readonly states: number }
  | { readonly stage: 'exporting'; readonly frame: number; readonly frames: number }
  | { readonly stage: 'writing'; readonly path: string };

export type OnProgress = (progress: RestoreProgress) => void;

/** A face that was restored, for reports. Of a clip: one track. */
export interface RestoredFace {
  /** Counted from 1, in reading order; of a clip, in order of appearance. */
  readonly number: number;
  /** Where it is, in pixels of the picture; of a clip, in its first frame. */
  readonly box: Face['box'];
  /** First and last frame and how many there are; a picture has frame 0 alone. */
  readonly frames: { readonly first: number; readonly last: number; readonly count: number };
  /** The frames in which it was restored, where these are not all: of a clip that was exported in part. */
  readonly restored?: readonly { readonly first: number; readonly last: number }[];
}

/** Of a clip that was written. */
export interface WrittenClip {
  readonly frames: number;
  /** The name by which its codec can be asked for, where there is one. */
  readonly codec?: string;
}

export type FileResult =
  | {
      readonly status: 'restored'; readonly input: string; readonly output: string; readonly faces: readonly RestoredFace[]; readonly seconds: number; readonly notes: readonly string[];
      readonly trajectory?: string; readonly clip?: WrittenClip;
      /** The recipe beside the result, which makes it again. */
      readonly lockfile?: string;
      /** Devices that failed in the middle and had made faces of it. */
      readonly earlierDevices?: readonly string[];
      /** It stood there, made in the same way and unchanged: nothing was written. */
      readonly before?: true;
    }
  | { readonly status: 'no face'; readonly input: string }
  | { readonly status: 'skipped'; readonly input: string; readonly why: string }
  /** `unforeseen` is a bug, whose stack is kept for the report; `option` is what the failure is about, where it is one of the request. */
  | { readonly status: 'failed'; readonly input: string; readonly kind: FailureKind | 'unforeseen'; readonly message: string; readonly option?: string; readonly stack?: string };

export type RestoredFile = Extract<FileResult, { readonly status: 'restored' }>;
