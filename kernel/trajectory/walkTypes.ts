import type { Turn } from '../diffusion/walk.ts';

export type { Turn };

/** Which face's walk is meant: a face of a picture, or of one frame of a clip. */
export interface WalkedFace {
  /** Counted from 1, as everywhere. */
  readonly face: number;
  /** Frame of a clip, counted from 0; 0 in a picture. */
  readonly frame: number;
}

/** Which walk of a face is meant: the one the options describe, and the turns it takes on its way. No turns: the walk of the restoration itself. */
export interface WalkRef extends WalkedFace {
  readonly turns: readonly Turn[];
}

/** Which states of a walk are kept; the first and the last always are. */
export type KeptSteps =
  | { readonly kind: 'every'; readonly nth: number }
  /** So many states, evenly spaced in log-SNR. */
  | { readonly kind: 'logSnr'; readonly count: number };

/** One call of the network. */
export interface WalkStep {
  /** Timestep of the original chain (0..999) the network is asked with; fractional for DPM-Solver++. */
  readonly t: number;
  /** alphaBar of x_t. */
  readonly alphaBar: number;
  /** alphaBar of what the step walks to; 1 at the end. */
  readonly alphaBarPrev: number;
  readonly sampler: Turn['sampler'];
  /** Of DDIM; 0 elsewhere. */
  readonly eta: number;
  /** Standard deviation of the noise the step adds; 0 for deterministic steps, and for DDPM the posterior's: what the network said in its place, pixel by pixel, is kept with the states. */
  readonly sigma: number;
  readonly seed: number;
}

/** A band of spatial frequencies by its periods in pixels. */
export interface Band {
  readonly from: number;
  /** Infinity where there is no upper end, `null` in JSON. */
  readonly to: number | null;
}

/** Curves of a walk: one number for each kept step, in the order they were walked. Distances are root mean squares over all values, in the sampler's range [-1, 1]. */
export interface WalkFigures {
  /** From predX0 of the kept step before; null at the first. */
  readonly change: readonly (number | null)[];
  /** From predX0 to the backbone's estimate. */
  readonly toEstimate: readonly number[];
  /** From predX0 to the result. */
  readonly toResult: readonly number[];
  /** From the estimate to the result: what the walk changed in all. */
  readonly departure: number;
  readonly bands: readonly Band[];
  /** Mean power of predX0's luma (0..255) in each band: `power[band][kept step]`. */
  readonly power: readonly (readonly number[])[];
}

/** A walk whose states are kept. */
export interface WalkInfo {
  /** Name of the walk on disk. */
  readonly id: string;
  /** Side of the crop in pixels. */
  readonly size: number;
  /** All calls of the network, in the order they were made. */
  readonly steps: readonly WalkStep[];
  /** Orders of the kept states, ascending. State `steps.length` is the result, x_0; it is always kept and has no predX0. */
  readonly kept: readonly number[];
  /** To what the estimate was diffused: index into the respaced chain, timestep and alphaBar. */
  readonly start: { readonly index: number; readonly t: number; readonly alphaBar: number };
  readonly figures: WalkFigures;
  readonly precision: 'float16' | 'float32';
  /** On disk, in bytes. */
  readonly bytes: number;
}

/** What there is to look at: tensors of a state, or one of the pictures that belong to the whole walk. */
export type StateKind = 'xT' | 'predX0' | 'predEps' | 'input' | 'estimate';

/** A tensor (3, H, W) in the sampler's range ([-1, 1] for pictures) as it is handed over: values in C order, little endian. */
export interface TensorHeader {
  readonly dtype: 'float16' | 'float32';
  readonly shape: readonly [channels: number, height: number, width: number];
}

/** Where a part lies in the bytes that are handed over. */
export type Place = readonly [offset: number, length: number];

/** Small pictures of the kept states, JPEG. */
export interface Previews {
  readonly input: Place;
  readonly estimate: Place;
  /** One for each kept state; predX0 of the result is the result itself. */
  readonly states: readonly { readonly xT: Place; readonly predX0: Place }[];
}

/** A walk that was kept by name. The walk without turns is the trunk. */
export interface Branch {
  readonly name: string;
  readonly turns: readonly Turn[];
}

/** K restorations of one face that differ in their seeds. Handed over with it: their mean (3, H, W) in [-1, 1], then the standard deviation (H, W), root mean square over the channels, in the same units; both float32. */
export interface SeedMapInfo {
  readonly seeds: readonly number[];
  readonly size: number;
  /** Mean of the deviation over the face. */
  readonly meanDeviation: number;
  /** Largest deviation. */
  readonly peak: number;
}

/** The walks of one face over the frames of a clip: diffusion time across, video time down. */
export interface StepFrameGrid {
  readonly frames: readonly number[];
  /** Orders of the kept steps, the same for all frames; the last is the result. */
  readonly kept: readonly number[];
  readonly timesteps: readonly number[];
  /** JPEGs: `cells[row][column]`. */
  readonly cells: readonly (readonly { readonly xT: Place; readonly predX0: Place }[])[];
  /** Root mean square change of predX0 from the row above, in [-1, 1]; null in the first row. */
  readonly change: readonly (readonly (number | null)[])[];
  /** Signed change of predX0's luma from the row above, `side` x `side` int8: 127 is a change of `changeScale` in [-1, 1]; zeros in the first row. */
  readonly changeCells: readonly (readonly Place[])[];
  readonly side: number;
  readonly changeScale: number;
}

/** What a walk can be written as. */
export type WalkFormat = 'npz' | 'png' | 'webm' | 'gif';
