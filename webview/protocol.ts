import type { ClipViewInfo, FoundFace, FramePlace, MediaInfo, ModelSummary, RestoreProgress, RestoreRequest } from '../kernel/protocol.ts';

export type { ClipViewInfo, FoundFace, FramePlace, MediaInfo, ModelSummary, RestoreProgress, RestoreRequest };

/** What is known of the faces of a file. */
export type FacesState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'finding'; readonly done: number }
  | { readonly kind: 'found'; readonly faces: readonly FoundFace[] };

/** A restoration or an export of this file. */
export interface JobState {
  readonly what: 'restore' | 'export';
  /** One line for a person. */
  readonly text: string;
  /** 0 .. 1 */
  readonly done: number;
  /** Others are in front of it. */
  readonly waiting: boolean;
}

/** What the last job came to. */
export type Outcome =
  | { readonly kind: 'restored'; readonly text: string }
  | { readonly kind: 'exported'; readonly text: string; readonly path: string }
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'none' };

/** What all editors of one file share. Nothing is `undefined` here: messages lose what is. */
export interface DocumentState {
  readonly options: RestoreRequest;
  /** Numbers of the faces that stay as they are. */
  readonly leftOut: readonly number[];
  readonly faces: FacesState;
  readonly job: JobState | null;
  readonly outcome: Outcome;
  /** Of a clip: frames that are restored under these options. Of a picture: numbers of the restored faces. */
  readonly restored: readonly number[];
  /** Counts up whenever restored pixels may have changed. */
  readonly revision: number;
  /** Execution provider, once it is known. */
  readonly device: string | null;
}

/** A question the page asks and the extension answers; bytes come beside the answer. */
export type Question =
  | { readonly what: 'picture'; readonly restored: boolean }
  | { readonly what: 'frames'; readonly from: number; readonly count: number; readonly width: number; readonly height: number; readonly restored: boolean }
  | { readonly what: 'sound'; readonly from: number; readonly seconds: number }
  | { readonly what: 'thumbnail'; readonly ticks: number; readonly width: number; readonly height: number }
  | { readonly what: 'faceCrop'; readonly number: number; readonly restored: boolean }
  | { readonly what: 'index' };

export interface Answers {
  readonly picture: null;
  readonly frames: { readonly places: readonly FramePlace[]; readonly interrupted: boolean };
  readonly sound: { readonly sampleRate: number; readonly channels: number };
  readonly thumbnail: null;
  readonly faceCrop: null;
  readonly index: readonly number[];
}

/** What the extension tells a page. One union per direction; every switch over `kind` ends in `satisfies never`. */
export type ToWebview =
  | { readonly kind: 'show'; readonly media: MediaInfo; readonly name: string; readonly models: readonly ModelSummary[]; readonly model: string; readonly result: string | undefined; readonly document: DocumentState }
  | { readonly kind: 'unreadable'; readonly message: string; readonly gone: boolean }
  /** What changed of it. */
  | { readonly kind: 'document'; readonly document: Partial<DocumentState> }
  | { readonly kind: 'frameRestored'; readonly frame: number }
  | { readonly kind: 'mode'; readonly mode: 'original' | 'split' | 'side' | 'restored' }
  | { readonly kind: 'answer'; readonly id: number; readonly result: Answers[Question['what']]; readonly bytes: ArrayBuffer | undefined }
  | { readonly kind: 'noAnswer'; readonly id: number; readonly message: string };

/** What a page tells the extension. */
export type FromWebview =
  /** The page has loaded and may be sent its file. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'options'; readonly options: RestoreRequest }
  | { readonly kind: 'leaveOut'; readonly number: number; readonly out: boolean }
  | { readonly kind: 'findFaces' }
  | { readonly kind: 'restore'; readonly range: { readonly first: number; readonly last: number } | undefined }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'export'; readonly choosePlace: boolean }
  | { readonly kind: 'reveal'; readonly path: string }
  | { readonly kind: 'showLog' }
  | { readonly kind: 'reload' };
