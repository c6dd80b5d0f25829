import type { Turn, WalkFormat } from '../protocol.ts';
import { fitting, type View } from '../viewer/panZoom.ts';

/** From what the state at the cursor is taken away. */
export type DifferenceTo = 'before' | 'pinned' | 'estimate' | 'input' | 'result' | 'other';

export interface DifferenceChoice {
  readonly of: 'xT' | 'predX0' | 'predEps';
  readonly to: DifferenceTo;
}

/** How two walks are compared: in panes beside each other, or in the same ones with a line between them or by turns. */
export type Comparison = 'beside' | 'wipe' | 'blink';

/** What the cells of the grid show. */
export type GridPicture = 'predX0' | 'xT' | 'change';

/** What a person arranged in the trajectory view: kept while the page is hidden, and over a reload of the window. */
export interface TrajectoryState {
  /** Stands in the place of the stage. */
  readonly open: boolean;
  /** Counted from 1; null: the first there is. */
  readonly face: number | null;
  /** The walk that is looked at; no turns: the restoration's own. */
  readonly turns: readonly Turn[];
  /** The walk it is compared with. */
  readonly other: readonly Turn[] | null;
  readonly comparison: Comparison;
  /** Where the line between two walks stands: share of a pane's width. */
  readonly wipe: number;
  /** Order of the state at the cursor; null: the result. */
  readonly order: number | null;
  readonly view: View;
  /** What stands in the pane between estimate and predX0. */
  readonly state: 'xT' | 'predEps';
  /** Shows x_t in the range of its own values instead of clipped to [-1, 1]. */
  readonly ownRange: boolean;
  readonly difference: DifferenceChoice | null;
  /** Order of the state to which others are compared. */
  readonly pinned: number | null;
  /** Ends of the difference's scale, in the sampler's units; null: the 98th percentile. */
  readonly scale: number | null;
  readonly curves: boolean;
  readonly branches: boolean;
  readonly seedMap: boolean;
  readonly exporting: boolean;
  readonly formats: readonly WalkFormat[];
  readonly seeds: number;
  /** The seed map was made: it is shown again without being asked for. */
  readonly mapped: boolean;
  /** Threshold of the blend, in the sampler's units. */
  readonly above: number;
  readonly overlay: boolean;
  /** Of the overlay, 0 .. 1. */
  readonly opacity: number;
  /** Steps of one frame, or steps of many frames. */
  readonly grid: boolean;
  readonly gridPicture: GridPicture;
  readonly rows: number;
}

export const initialTrajectory: TrajectoryState = {
  open: false, face: null, turns: [], other: null, comparison: 'beside', wipe: 0.5, order: null, view: fitting, state: 'xT', ownRange: false, difference: null, pinned: null, scale: null,
  curves: true, branches: true, seedMap: false, exporting: false, formats: ['npz'], seeds: 8, mapped: false, above: 0.1, overlay: false, opacity: 0.7, grid: false, gridPicture: 'predX0', rows: 12,
};
