import { resolve } from 'node:path';
import { productVersion } from '../packageFolder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Turn } from '../diffusion/walk.ts';
import { WalkFiguresRecorder } from '../trajectory/figures.ts';
import { keptOrders } from '../trajectory/keptSteps.ts';
import { KeptWalk } from '../trajectory/keptWalk.ts';
import { LostState } from '../trajectory/lostState.ts';
import { FaceWalks, type WalkIdentity } from '../trajectory/walkStore.ts';
import type { KeptSteps, WalkRef } from '../trajectory/walkTypes.ts';
import type { Engine } from './engine.ts';
import { modelIdentity, weightsIdentity, type Plan, type RequestedPlan } from './plan.ts';
import { walkOf } from './request.ts';

/** A face whose walk is looked at. */
export interface FaceToWalk {
  /** The aligned crop, (1, 3, S, S) in [0, 1], S being the model's size. */
  readonly crop: Tensor;
  /** Number of the face or of the track, counted from 0. */
  readonly track: number;
}

/** Which states of its walk are kept, and how exactly. */
export interface Keeping {
  readonly steps: KeptSteps;
  /** `auto`: in full up to crops of 256 px, halves beyond. */
  readonly precision: 'auto' | 'float16' | 'float32';
}

/** Of what is written for others to read, nothing is rounded. */
export const keepEverything: Keeping = { steps: { kind: 'every', nth: 1 }, precision: 'float32' };

export interface WalkRun {
  readonly engine: Engine;
  readonly signal: AbortSignal;
  readonly onStep: (step: number, steps: number) => void;
}

/** Largest crops, in pixels, that are kept in full where nothing else is said. */
const fullUpTo = 256;
/** How often a walk is tried whose states vanish while it is written. */
const attempts = 3;

/** @throws OptionFailure('usage') for a plan without a walk */
export async function faceWalks({ crop, track }: FaceToWalk, plan: Plan): Promise<FaceWalks> {
  walkOf(plan.method);
  return FaceWalks.of(crop, await modelIdentity(plan), track);
}

/** Every parameter of a walk, for whoever wants to walk it again; the frame is counted from 1, as everywhere a person reads it. */
export async function walkParameters(path: string, plan: Plan, { face, frame, turns }: WalkRef): Promise<object> {
  return { difface: productVersion(), file: resolve(path), model: await weightsIdentity(plan), device: plan.numbers.provider, precision: plan.numbers.precision, method: plan.method, seed: plan.seed, face, frame: frame + 1, turns };
}

/** What is kept of a walk; it may be nothing. @param seed the plan's where absent */
export async function keptWalk(face: FaceToWalk, plan: Plan, turns: readonly Turn[], keeping: Keeping, seed = plan.seed): Promise<KeptWalk> {
  const walks = await faceWalks(face, plan);
  const size = face.crop.shape[3]!;
  const precision = keeping.precision === 'auto' ? (size <= fullUpTo ? 'float32' : 'float16') : keeping.precision;
  return KeptWalk.open(walks, identityOf(plan, turns, seed), face.track, size, (planned) => keptOrders(keeping.steps, planned), precision);
}

/** The walk a plan comes to under a seed and turns. */
export function identityOf({ method }: RequestedPlan, turns: readonly Turn[], seed: number): WalkIdentity {
  return { recipe: walkOf(method), seed, turns };
}

/**
 * A walk with all its states kept: what is there is not computed again, what is missing or damaged is walked to from the nearest exact state.
 * @throws KernelFailure('output') when the states cannot be kept, ('cancelled')
 */
export async function walkFace(face: FaceToWalk, plan: Plan, turns: readonly Turn[], keeping: Keeping, run: WalkRun): Promise<KeptWalk> {
  for (let attempt = 1; ; attempt++) {
    const walk = await keptWalk(face, plan, turns, keeping);
    if (attempt > 1) await walk.verify();
    if (walk.complete) return walk;
    try {
      await complete(walk, face, plan, turns, plan.seed, run);
      return walk;
    } catch (error) {
      // states may be removed or damaged while one looks
      if (attempt === attempts || !isLost(error)) throw error;
    }
  }
}

/** Does something with a walk; where a state turns out to be gone or damaged, everything is looked through, mended, and it is done once more. */
export async function withWalk<T>(face: FaceToWalk, plan: Plan, turns: readonly Turn[], keeping: Keeping, run: WalkRun, use: (walk: KeptWalk) => Promise<T>): Promise<T> {
  const walk = await walkFace(face, plan, turns, keeping, run);
  try {
    return await use(walk);
  } catch (error) {
    if (!isLost(error)) throw error;
    await walk.verify();
    return use(await walkFace(face, plan, turns, keeping, run));
  }
}

function isLost(error: unknown): boolean {
  return error instanceof LostState;
}

/** What a walk ends in, x_0, and the estimate it began with; both (1, 3, S, S) in [0, 1]. Only that is kept of it. */
export async function walkedResult(face: FaceToWalk, plan: Plan, turns: readonly Turn[], seed: number, run: WalkRun): Promise<{ readonly result: Tensor; readonly estimate: Tensor }> {
  const walks = await faceWalks(face, plan);
  const walk = await KeptWalk.open(walks, identityOf(plan, turns, seed), face.track, face.crop.shape[3]!, () => [], 'float32');
  const known = await walk.estimate();
  const x0 = known && (await walk.result());
  if (x0) return { result: x0, estimate: known };
  return compute(walk, face, plan, turns, seed, run);
}

async function complete(walk: KeptWalk, face: FaceToWalk, plan: Plan, turns: readonly Turn[], seed: number, run: WalkRun): Promise<void> {
  if (walk.missing.length > 0 || !(await walk.estimate())) await compute(walk, face, plan, turns, seed, run);
  const figures = new WalkFiguresRecorder(await walk.read('estimate', 0));
  for (const order of walk.kept) figures.add(order, await walk.read('predX0', order));
  await walk.keepFigures(await figures.finish(await walk.read('xT', walk.planned.length), (order) => walk.read('predX0', order)));
}

async function compute(walk: KeptWalk, { crop, track }: FaceToWalk, plan: Plan, turns: readonly Turn[], seed: number, { engine, signal, onStep }: WalkRun): Promise<{ readonly result: Tensor; readonly estimate: Tensor }> {
  const missing = [...new Set(walk.missing.map(({ order }) => order))];
  const known = await walk.estimate();
  const point = known && (await walk.pointBefore(Math.min(...missing, walk.planned.length)));
  let writing = Promise.resolve();
  const { restored, estimate, x0 } = await engine.restore(crop, {
    method: plan.method, turns, seed, track, signal, onStep, kept: missing,
    ...(known ? { known: { estimate: known, ...(point ? { point } : {}) } } : {}),
    onState: ({ order, ...state }) => {
      writing = writing.then(() => walk.keep(order, state));
      writing.catch(() => undefined);                                   // reported when the walk is done
    },
  });
  await writing;
  await walk.keepShared(crop, estimate);
  await walk.keep(walk.planned.length, { xT: x0 });
  return { result: restored, estimate };
}
