import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import type { StateKind, WalkFormat, WalkRef, WalkedFace } from '../trajectory/walkTypes.ts';
import type { ViewParams } from './views.ts';

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
