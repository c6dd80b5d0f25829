import type { NamedResult } from '../kernel/protocol.ts';
import { nameFromStored } from './storedPaths.ts';

/** A name that an output tells, which a notebook holds from an earlier session. */
export interface EarlierOutput {
  /** Number of the execution it came of; undefined where it is not known. */
  readonly execution: number | undefined;
  /** As it is stored: whatever stands there. */
  readonly named: unknown;
}

/** The results of a notebook that have names. The latest execution gives a name its meaning. */
export class ResultNames {
  private readonly results = new Map<string, NamedResult>();

  /**
   * @param earlier in the order of the cells
   * @param folder the notebook's
   */
  constructor(earlier: readonly EarlierOutput[], folder: string) {
    const inTime = earlier.map((output, place) => ({ ...output, place })).sort((a, b) => (a.execution ?? 0) - (b.execution ?? 0) || a.place - b.place);
    for (const { named } of inTime) {
      const result = isNamed(named) ? nameFromStored(folder, named) : undefined;
      if (result) this.add(result);
    }
  }

  get all(): readonly NamedResult[] {
    return [...this.results.values()];
  }

  add(result: NamedResult): void {
    this.results.set(result.name, result);
  }
}

/** A notebook may come from anywhere. */
function isNamed(value: unknown): value is NamedResult {
  if (typeof value !== 'object' || value === null) return false;
  const { name, path, restored } = value as { readonly [K in keyof NamedResult]?: unknown };
  if (typeof name !== 'string' || typeof path !== 'string') return false;
  if (restored === undefined) return true;
  const { from, options } = (restored ?? {}) as { readonly from?: unknown; readonly options?: unknown };
  return typeof from === 'string' && typeof options === 'object' && options !== null;
}
