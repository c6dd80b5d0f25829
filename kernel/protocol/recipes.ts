import type { NamedResult } from '../recipe/outcome.ts';
import type { RestoreRequest } from '../recipe/restoreOptions.ts';

/** The text of a recipe: a document, or the cell of a notebook. */
export interface RecipeParams {
  readonly text: string;
  /** Absolute: what its paths are relative to. */
  readonly folder: string;
  /** Results that have a name, of earlier cells. */
  readonly names: readonly NamedResult[];
}

export interface PlanRunParams extends RecipeParams {
  /** One action alone, counted from 0, after those of the document whose results it uses; all where absent. */
  readonly action?: number;
  /** The texts of the cells above: what they name is there once they run. */
  readonly above?: readonly string[];
}

export interface RunActionParams extends RecipeParams {
  readonly job: string;
  /** Which one, counted from 0. */
  readonly action: number;
  /** Where the networks run if the action does not say. */
  readonly device: string;
}

export interface WriteRecipeParams {
  /** Absolute path of what is restored. */
  readonly path: string;
  readonly options: RestoreRequest;
  readonly device: string;
  /** Absolute: where the recipe will be. */
  readonly folder: string;
}

export interface OpenRecipeParams {
  readonly text: string;
  /** Absolute: what its paths are relative to. */
  readonly folder: string;
  /** Which action, counted from 0. */
  readonly action: number;
}

export interface ReplayParams {
  /** Absolute path of a lockfile. */
  readonly path: string;
  readonly job: string;
}

export interface MadeByParams {
  /** Absolute path of what may be a result. */
  readonly path: string;
  /** Whether all of it is read, to see whether it was changed since. */
  readonly verify: boolean;
}
