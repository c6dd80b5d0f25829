import type { ActionOutcome, Band, Branch, ClipViewInfo, DetectorChoice, DetectorSummary, Embedded, FoundFace, FramePlace, LinkedFile, MediaInfo, ModelSummary, OptionWords, Place, Previews, RestoreOptionName, RestoreProgress, RestoreRequest, SeedMapInfo, Shown, StateKind, StepFrameGrid, TensorHeader, Turn, WalkedFace, WalkFigures, WalkFormat, WalkInfo, WalkRef, WalkStep } from '../kernel/protocol.ts';

export type { Band, Branch, ClipViewInfo, DetectorChoice, DetectorSummary, Embedded, FoundFace, FramePlace, LinkedFile, MediaInfo, ModelSummary, OptionWords, Place, Previews, RestoreOptionName, RestoreProgress, RestoreRequest, SeedMapInfo, Shown, StateKind, StepFrameGrid, TensorHeader, Turn, WalkedFace, WalkFigures, WalkFormat, WalkInfo, WalkRef, WalkStep };

/** What is known of the faces of a file. */
export type FacesState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'finding'; readonly done: number }
  | { readonly kind: 'found'; readonly faces: readonly FoundFace[] };

/** A restoration, an export or a walk of this file. */
export interface JobState {
  readonly what: 'restore' | 'export' | 'walk';
  /** One line for a person. */
  readonly text: string;
  /** 0 .. 1 */
  readonly done: number;
  /** Others are in front of it. */
  readonly waiting: boolean;
}

/** What the last job came to. */
export type Outcome =
  | { readonly kind: 'noFace'; readonly text: string }
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
  /** What made the result that is shown, on one line; null where nothing says so. */
  readonly madeBy: { readonly text: string; readonly changed: boolean; readonly lockfile: string } | null;
}

/** A question the page asks and the extension answers; bytes come beside the answer. */
export type Question =
  | { readonly what: 'picture'; readonly restored: boolean }
  | { readonly what: 'frames'; readonly from: number; readonly count: number; readonly width: number; readonly height: number; readonly restored: boolean }
  | { readonly what: 'sound'; readonly from: number; readonly seconds: number }
  | { readonly what: 'thumbnail'; readonly ticks: number; readonly width: number; readonly height: number }
  | { readonly what: 'faceCrop'; readonly number: number; readonly restored: boolean }
  | { readonly what: 'index' }
  /** Answered at once where the walk is kept. Else, with `compute`, it is walked now (the document's job tells how far it is), or the answer is null. */
  | { readonly what: 'walk'; readonly walk: WalkRef; readonly compute: boolean }
  | { readonly what: 'previews'; readonly walk: WalkRef }
  | { readonly what: 'state'; readonly walk: WalkRef; readonly state: StateKind; readonly order: number }
  /** A state in full size as a JPEG, [-1, 1] as black to white: a tenth of its numbers. */
  | { readonly what: 'statePicture'; readonly walk: WalkRef; readonly state: StateKind; readonly order: number }
  | { readonly what: 'branches'; readonly of: WalkedFace }
  /** Keeps a walk under a name, or forgets it and what grew from it where the name is null; answered with all branches. */
  | { readonly what: 'nameBranch'; readonly walk: WalkRef; readonly name: string | null }
  | { readonly what: 'seedMap'; readonly walk: WalkRef; readonly seeds: number }
  /** The result with the backbone's estimate where the deviation over so many seeds is above a threshold (in [-1, 1] units). */
  | { readonly what: 'blended'; readonly walk: WalkRef; readonly seeds: number; readonly above: number }
  /** At most `rows` frames, evenly spaced from the first to the last in which the face is seen. */
  | { readonly what: 'grid'; readonly walk: WalkRef; readonly first: number; readonly last: number; readonly rows: number };

export interface Answers {
  readonly picture: null;
  readonly frames: { readonly places: readonly FramePlace[]; readonly interrupted: boolean };
  readonly sound: { readonly sampleRate: number; readonly channels: number };
  readonly thumbnail: null;
  readonly faceCrop: null;
  readonly index: readonly number[];
  readonly walk: WalkInfo | null;
  readonly previews: Previews;
  readonly state: TensorHeader;
  readonly statePicture: null;
  readonly branches: readonly Branch[];
  readonly nameBranch: readonly Branch[];
  readonly seedMap: SeedMapInfo;
  readonly blended: TensorHeader;
  readonly grid: StepFrameGrid;
}

/** What a page shows: the editor, or the walk of a face as a panel of its own. Such a panel keeps `{ shows: { uri, of } }` in its state, by which it is opened again after a reload. */
export type Look = { readonly kind: 'editor' } | { readonly kind: 'trajectory'; readonly of: WalkedFace; readonly uri: string };

/** The words and ranges of the options of a restoration, as the kernel declares them. */
export type OptionsInWords = Readonly<Record<RestoreOptionName, OptionWords>>;

/** What the extension tells a page. One union per direction; every switch over `kind` ends in `satisfies never`. */
export type ToWebview =
  | { readonly kind: 'show'; readonly media: MediaInfo; readonly name: string; readonly models: readonly ModelSummary[]; readonly model: string; readonly detectors: readonly DetectorSummary[]; readonly options: OptionsInWords; readonly result: string | undefined; readonly look: Look; readonly document: DocumentState }
  | { readonly kind: 'unreadable'; readonly message: string; readonly gone: boolean }
  /** What changed of it. */
  | { readonly kind: 'document'; readonly document: Partial<DocumentState> }
  | { readonly kind: 'frameRestored'; readonly frame: number }
  | { readonly kind: 'mode'; readonly mode: 'original' | 'split' | 'side' | 'restored' }
  | { readonly kind: 'answer'; readonly id: number; readonly result: Answers[Question['what']]; readonly bytes: ArrayBuffer | undefined }
  /** `cancelled`: a person stopped what was asked for, wherever. */
  | { readonly kind: 'noAnswer'; readonly id: number; readonly message: string; readonly cancelled?: boolean };

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
  /** Opens the walk of a face in a panel beside the editor. */
  | { readonly kind: 'trajectoryPanel'; readonly of: WalkedFace }
  /** The face of this walk comes into the picture; of a clip, all frames of the face take these turns. No turns: the restoration's own again. */
  | { readonly kind: 'useWalk'; readonly walk: WalkRef }
  /** All faces get the backbone's estimate where the deviation over so many seeds is above a threshold; null: nowhere. */
  | { readonly kind: 'useBlend'; readonly blend: { readonly seeds: number; readonly above: number } | null }
  | { readonly kind: 'exportWalk'; readonly walk: WalkRef; readonly formats: readonly WalkFormat[] }
  | { readonly kind: 'exportGrid'; readonly walk: WalkRef; readonly first: number; readonly last: number; readonly rows: number }
  /** From the editor to a recipe; of a result, its lockfile is opened, or it is made again by it. */
  | { readonly kind: 'recipe'; readonly what: 'copy' | 'notebook' | 'open' | 'replay' }
  | { readonly kind: 'showLog' }
  | { readonly kind: 'reload' };

/** The type of an output under which a notebook keeps a `StoredOutcome`; package.json and the renderer name the same. */
export type OutcomeMime = 'application/vnd.difface+json';

/** What a notebook keeps of an action's outcome. Its picture stands beside it as `image/png`; paths are relative to the notebook, with `/`. */
export interface StoredOutcome extends Omit<ActionOutcome, 'picture'> {
  /** Counts up when older extensions cannot read it any more. */
  readonly version: 1;
}

/** What an output of a notebook asks of the extension. */
export type FromOutput = { readonly kind: 'open'; /** As in `StoredOutcome.links`. */ readonly path: string };
