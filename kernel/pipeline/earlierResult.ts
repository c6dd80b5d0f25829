import { dirname, join } from 'node:path';
import { fileSum } from '../media/sums.ts';
import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import { kindOf } from './collectFiles.ts';
import type { EnginePool } from './enginePool.ts';
import { keyOf } from './lockfile.ts';
import { lockfilesNear } from './lockNames.ts';
import { planOf } from './plan.ts';
import { resolvedRequest } from './resolvedRequest.ts';
import { deviceOf, versionsFor } from './surroundings.ts';
import { usedWeights } from './usedWeights.ts';

export interface EarlierOptions {
  /** Path that a result would get without its extension. */
  readonly stem: string;
  readonly engines: EnginePool;
  readonly device: string;
  readonly signal: AbortSignal;
}

export interface Earlier {
  readonly result: string;
  readonly lockfile: string;
}

/**
 * A result that a restoration would make again: the same input, options, weights, versions and device made it, and nobody has changed it since. What cannot be told counts as
 * none.
 * @param path of the input
 * @throws KernelFailure('usage', 'weights', 'device') where it could not be restored at all
 */
export async function earlierResult(path: string, request: RestoreRequest, { stem, engines, device, signal }: EarlierOptions): Promise<Earlier | undefined> {
  const candidates = (await lockfilesNear(`${stem}.any`)).filter(({ locked }) => locked.way === 'restored');
  if (candidates.length === 0) return undefined;
  const plan = await planOf(request);
  const engine = await engines.engine({ model: plan.model, device, precision: request.precision });
  const [input, weights, versions, where] = await Promise.all([fileSum(path, signal), usedWeights(plan, request.aligned === true), versionsFor(kindOf(path) ?? 'picture'), deviceOf(engine)]);
  const asked = resolvedRequest({ request, plan, numbers: engine.numbers, faces: request.faces ?? 'all', codec: request.codec });
  const key = keyOf({ input, request: asked, weights, versions, device: where, way: 'restored' });
  for (const { path: lockfile, locked } of candidates) {
    if (locked.key !== key) continue;
    const result = join(dirname(lockfile), locked.result.file);
    if (locked.result.sha256 === (await fileSum(result, signal).catch(() => undefined))) return { result, lockfile };
  }
  return undefined;
}
