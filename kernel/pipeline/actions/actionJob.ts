import type { NamedResult } from '../../recipe/outcome.ts';
import type { EnginePool } from '../enginePool.ts';
import type { OnProgress } from '../progress.ts';

export interface ActionJob {
  /** Absolute: what paths of the recipe are relative to. */
  readonly folder: string;
  /** Results that earlier documents and actions named. */
  readonly names: readonly NamedResult[];
  readonly engines: EnginePool;
  /** Where the networks run if the action does not say. */
  readonly device: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}
