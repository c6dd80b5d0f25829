import { dirname, resolve } from 'node:path';
import { fileSum } from '../media/sums.ts';
import type { Locked } from '../recipe/locked.ts';
import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import { kindOf } from './collectFiles.ts';
import type { Engine } from './engine.ts';
import { keyOf } from './lockfile.ts';
import { lockfilesNear } from './lockNames.ts';
import type { Plan } from './plan.ts';
import type { RestoredFace, RestoredFile } from './progress.ts';
import { resolvedRequest } from './resolvedRequest.ts';
import { deviceOf, versionsFor } from './surroundings.ts';
import { usedWeights } from './usedWeights.ts';

export interface EarlierOptions {
  /** Path that a result would get without its extension. */
  readonly stem: string;
  readonly plan: Plan;
  readonly engine: Engine;
  readonly signal: AbortSignal;
  /** SHA-256 of the input where somebody sums it up already. */
  readonly input: Promise<string> | undefined;
}

/**
 * A result that a restoration would make again: the same input, options, weights, versions and device made it, and nobody has changed it since. What cannot be told counts as
 * none, and so does what kept its trajectory: the states may be gone.
 * @param path of the input
 */
export async function earlierResult(path: string, request: RestoreRequest, { stem, plan, engine, signal, input: summed }: EarlierOptions): Promise<RestoredFile | undefined> {
  if (request.trajectory === true) return undefined;
  const candidates = (await lockfilesNear(`${stem}.any`)).filter(({ locked }) => locked.way === 'restored');
  if (candidates.length === 0) return undefined;
  const [input, weights, versions, where] = await Promise.all([summed ?? fileSum(path, signal), usedWeights(plan, request.aligned === true), versionsFor(kindOf(path) ?? 'picture'), deviceOf(engine)]);
  const asked = resolvedRequest({ request, plan, numbers: engine.numbers, faces: request.faces ?? 'all', codec: request.codec });
  const key = keyOf({ input, request: asked, weights, versions, device: where, way: 'restored' });
  for (const { path: lockfile, locked } of candidates) {
    if (locked.key !== key) continue;
    const output = resolve(dirname(lockfile), locked.result.file);
    if (locked.result.sha256 !== (await fileSum(output, signal).catch(() => undefined))) continue;
    return { status: 'restored', input: path, output, lockfile, faces: locked.faces.map(restoredFace), seconds: locked.figures.seconds, notes: ['it was made before, in the same way, and is unchanged'] };
  }
  return undefined;
}

function restoredFace({ number, box: [x, y, width, height], frames: [first, last] = [1, 1] }: Locked['faces'][number]): RestoredFace {
  return { number, box: { x, y, width, height }, frames: { first: first - 1, last: last - 1, count: last - first + 1 } };
}
