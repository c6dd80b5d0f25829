import type { Ask } from '../host.ts';
import type { DocumentState, FromWebview, WalkedFace } from '../protocol.ts';
import type { TrajectoryState } from './trajectoryState.ts';

/** What the trajectory view is given by the page around it. */
export interface TrajectoryContext {
  readonly ask: Ask;
  readonly tell: (message: FromWebview) => void;
  readonly document: DocumentState;
  /** Model that restores where the options name none. */
  readonly model: string;
  readonly of: WalkedFace;
  /** Numbers of the faces one can choose from. */
  readonly faces: readonly number[];
  readonly state: TrajectoryState;
  /** Of a clip; undefined in a picture. */
  readonly clip: TrajectoryClip | undefined;
  /** It stands in an editor, which has a line of its own for what is under way. */
  readonly inEditor: boolean;
  readonly onState: (part: Partial<TrajectoryState>) => void;
  readonly onFace: (face: number) => void;
  readonly onCancel: () => void;
  /** Back to the picture; nothing where there is none. */
  readonly onBack: () => void;
}

export interface TrajectoryClip {
  /** Frames in which the face is seen. */
  readonly first: number;
  readonly last: number;
  /** The part between in and out point, or all in which the face is seen. */
  readonly part: { readonly first: number; readonly last: number };
  readonly timecode: (frame: number) => string;
  readonly onFrame: (frame: number) => void;
}
