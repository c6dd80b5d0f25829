import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fileSum } from '../media/sums.ts';
import type { Locked } from '../recipe/locked.ts';
import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import { kindOf } from './collectFiles.ts';
import type { Engine } from './engine.ts';
import { changedByHand, keyOf, ownKeyOf } from './lockfile.ts';
import { lockfilesNear, lockfilesOf, type Lockfile } from './lockNames.ts';
import type { Plan } from './plan.ts';
import type { RestoredFace, RestoredFile } from './progress.ts';
import { resolvedRequest } from './resolvedRequest.ts';
import { deviceOf, versionsFor } from './surroundings.ts';
import { statesBeside } from './trajectoryFiles.ts';
import { usedWeights } from './usedWeights.ts';

/** The result of which a recipe says itself that it was made of it: the recipe is a lockfile. */
export interface OwnResult {
  readonly path: string;
  readonly locked: Locked;
}

export interface EarlierOptions {
  /** Path that a result would get without its extension. */
  readonly stem: string;
  readonly plan: Plan;
  readonly engine: Engine;
  readonly signal: AbortSignal;
  /** SHA-256 of the input where somebody sums it up already. */
  readonly input: Promise<string> | undefined;
  readonly own?: OwnResult | undefined;
}

/**
 * A result that a restoration would make again: the same input, options, weights, versions and device made it, and nobody has changed it or its lockfile since. What cannot be
 * told counts as none, and so does what kept its trajectory where states are gone.
 * @param path of the input
 */
export async function earlierResult(path: string, request: RestoreRequest, { stem, plan, engine, signal, input: summed, own }: EarlierOptions): Promise<RestoredFile | undefined> {
  const candidates = (await candidatesFor(stem, own)).filter((lockfile) => changedByHand(lockfile).length === 0);
  if (candidates.length === 0) return undefined;
  const [input, weights, versions, where] = await Promise.all([summed ?? fileSum(path, signal), usedWeights(plan, request.aligned === true), versionsFor(kindOf(path) ?? 'picture'), deviceOf(engine)]);
  const asked = resolvedRequest({ request, plan, numbers: engine.numbers, faces: request.faces ?? 'all', codec: request.codec });
  for (const lockfile of candidates) {
    const { path: place, locked } = lockfile;
    const key = keyOf({ input, request: asked, weights, versions, device: where, way: locked.way });
    if (locked.key !== key && ownKeyOf(lockfile) !== key) continue;
    const output = resolve(dirname(place), locked.result.file);
    if (locked.result.sha256 !== (await fileSum(output, signal).catch(() => undefined))) continue;
    const trajectory = request.trajectory === true ? await statesBeside(output, locked.faces.map(({ number }) => number)) : undefined;
    if (request.trajectory === true && trajectory === undefined) continue;
    return {
      status: 'restored', input: path, output, lockfile: place, faces: locked.faces.map(restoredFace), seconds: locked.figures.seconds, notes: ['it was made before, in the same way, and is unchanged'], before: true,
      ...(trajectory === undefined ? {} : { trajectory }),
    };
  }
  return undefined;
}

/** What the editor exported is another picture where it was enlarged, and may be a part of a clip: it is the result of its own lockfile alone. */
async function candidatesFor(stem: string, own: OwnResult | undefined): Promise<readonly Lockfile[]> {
  const named = own ? await lockfilesOf(own.path, own.locked.result.sha256) : [];
  const near = await lockfilesNear(`${stem}.any`);
  return [...named.filter(({ locked }) => isDeepStrictEqual(locked, own?.locked)), ...near.filter(({ locked }) => locked.way === 'restored')];
}

function restoredFace({ number, box: [x, y, width, height], frames: [first, last] = [1, 1] }: Locked['faces'][number]): RestoredFace {
  return { number, box: { x, y, width, height }, frames: { first: first - 1, last: last - 1, count: last - first + 1 } };
}
