/** One comparison of the product's numbers with recorded ones. */
export interface Comparison {
  readonly name: string;
  /** Largest absolute error seen, or the share of differing values where `tolerance` is a share. */
  readonly error: number;
  readonly tolerance: number;
  readonly verdict: 'pass' | 'FAIL' | 'differs on purpose';
  readonly note?: string;
}

/** A kind of fixture folder: how it is recognised by what it holds, and how the product is compared with it. */
export interface FixtureKind {
  readonly name: string;
  /** @param files names of the files in the folder, sorted */
  recognise(files: readonly string[]): boolean;
  compare(folder: string): AsyncIterable<Comparison>;
}

/** A comparison that passes when `error` is at most `tolerance`; NaN fails. */
export function within(name: string, error: number, tolerance: number, note?: string): Comparison {
  return { name, error, tolerance, verdict: error <= tolerance ? 'pass' : 'FAIL', ...(note === undefined ? {} : { note }) };
}

/** Largest absolute difference; Infinity when the lengths differ, NaN when a value is NaN. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(difference)) return NaN;
    if (difference > largest) largest = difference;
  }
  return largest;
}
