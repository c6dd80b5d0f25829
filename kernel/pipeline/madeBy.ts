import { dirname, join } from 'node:path';
import { stat } from 'node:fs/promises';
import { fileSum } from '../media/sums.ts';
import { hasWalk } from '../recipe/restoreOptions.ts';
import { lockfilesOf } from './lockNames.ts';

/** What made a result, for whoever looks at it. */
export interface MadeBy {
  readonly lockfile: string;
  /** Path of what was restored; null where it is not there any more. */
  readonly original: string | null;
  readonly model: string;
  /** null where there is no walk, and so no noise. */
  readonly seed: number | null;
  /** `cpu`, `cuda:1`, ... */
  readonly device: string;
  /** ISO time. */
  readonly date: string;
  /** Of DifFace. */
  readonly version: string;
  /** The result is not what was made: somebody changed it. null where nobody looked. */
  readonly changed: boolean | null;
}

/**
 * What the lockfile beside a result says.
 * @param verify reads all of the result, to see whether it was changed
 * @returns undefined where none speaks of it
 */
export async function madeBy(result: string, verify: boolean, signal: AbortSignal): Promise<MadeBy | undefined> {
  const sum = verify ? await fileSum(result, signal) : undefined;
  const [lockfile] = await lockfilesOf(result, sum);
  if (!lockfile) return undefined;
  const { path, locked, options } = lockfile;
  const original = join(dirname(path), locked.input.file);
  return {
    lockfile: path, original: await stat(original).then((found) => (found.isFile() ? original : null), () => null), model: options.model ?? '', seed: hasWalk(options) ? locked.seed : null, device: locked.device.name,
    date: locked.date, version: locked.versions['difface'] ?? '', changed: sum === undefined ? null : sum !== locked.result.sha256,
  };
}
