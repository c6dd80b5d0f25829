import type { DocumentState, WalkedFace } from './protocol.ts';
import { saidOutcome, type SaidOutcome } from './saidOutcome.ts';
import { initialTrajectory, type TrajectoryState } from './trajectory/trajectoryState.ts';
import type { Mode } from './viewer/scene.ts';
import { fitting, type View } from './viewer/panZoom.ts';

/** What a person arranged in one editor: kept while the page is hidden, and over a reload of the window. */
export interface KeptState {
  readonly mode: Mode;
  readonly view: View;
  readonly wipe: number;
  readonly framesShown: boolean;
  readonly more: boolean;
  /** Frame of a clip under the playhead. */
  readonly position: number;
  /** The playhead goes with the frames that are restored, until a person moves it. */
  readonly following: boolean;
  readonly inPoint: number | undefined;
  readonly outPoint: number | undefined;
  readonly muted: boolean;
  /** How many times wider than the window the timeline is. */
  readonly timelineZoom: number;
  readonly trajectory: TrajectoryState;
  readonly said: SaidOutcome | null;
  /** Of a panel that shows a walk alone: the face it was opened for, and the one that was chosen since. */
  readonly panel: { readonly opened: WalkedFace; readonly of: WalkedFace } | null;
  /** By which the extension opens such a panel again after a reload. */
  readonly shows: { readonly uri: string; readonly of: WalkedFace } | null;
}

export const initialState: KeptState = { mode: 'original', view: fitting, wipe: 0.5, framesShown: true, more: false, position: 0, following: false, inPoint: undefined, outPoint: undefined, muted: false, timelineZoom: 1, trajectory: initialTrajectory, said: null, panel: null, shows: null };

/** What was kept, by this version of the page or an earlier one. */
export function recalled(kept: Partial<KeptState> | undefined): KeptState {
  return { ...initialState, ...kept, trajectory: { ...initialTrajectory, ...kept?.trajectory } };
}

/** Goes on where the page was before it was hidden: with a restoration that went on meanwhile, at the frame that was restored last. */
export function resumed(kept: KeptState, state: DocumentState): Partial<KeptState> {
  const following = kept.following && state.job?.what === 'restore';
  return { said: saidOutcome(kept.said, state), following, ...(following ? { position: state.restored.at(-1) ?? kept.position } : {}) };
}
