/** Shapes by key, as a checkpoint lists them. */
export type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** Parameters read off a checkpoint's keys and shapes, by the reference's names. */
export interface Inferred {
  readonly params: Readonly<Record<string, unknown>>;
  /** Names of parameters that leave no trace in keys and shapes: their values are those of the official models. */
  readonly assumed: readonly string[];
}

/** One more than the largest index i for which a key starts with `prefix` + i + '.'; 0 if there is none. */
export function countIndices(entries: Shapes, prefix: string): number {
  let count = 0;
  for (const key of entries.keys()) {
    const index = key.startsWith(prefix) ? /^\d{1,4}(?=\.)/.exec(key.slice(prefix.length))?.[0] : undefined;
    if (index !== undefined) count = Math.max(count, Number(index) + 1);
  }
  return count;
}

/** Extent of a tensor along an axis; NaN where the key or the axis is missing, so that nothing is derived from it. */
export function extentOf(entries: Shapes, key: string, axis: number): number {
  return entries.get(key)?.shape[axis] ?? NaN;
}
