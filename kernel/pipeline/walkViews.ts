import { toSampler } from '../diffusion/range.ts';
import { KernelFailure } from '../failure.ts';
import { SharedLoads } from '../sharedLoads.ts';
import { toFloat16 } from '../tensor/float16.ts';
import { rgbToTensor, tensorToRgb } from '../tensor/imageTensor.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { exportGrid, exportWalk } from '../trajectory/exportWalk.ts';
import type { KeptWalk, StatePlace } from '../trajectory/keptWalk.ts';
import { blendEstimate, SeedStatisticsRecorder, type SeedStatistics } from '../trajectory/seedMap.ts';
import type { Branch, SeedMapInfo, StateKind, TensorHeader, Turn, WalkedFace, WalkFormat, WalkInfo, WalkRef } from '../trajectory/walkTypes.ts';
import type { Engine } from './engine.ts';
import type { EnginePool } from './enginePool.ts';
import { FaceStores } from './faceStores.ts';
import type { MediaViews } from './mediaViews.ts';
import { planInFrame, planOf, type Plan } from './plan.ts';
import type { OnProgress } from './progress.ts';
import type { RestoreRequest } from '../recipe/restoreOptions.ts';
import { otherSeed } from './restoreFace.ts';
import { faceWalks, identityOf, keptWalk, walkedResult, walkFace, walkParameters, withWalk, type FaceToWalk, type Keeping, type WalkRun } from './walks.ts';

/** A walk that a view looks at, under the options of a restoration. */
export interface LookedAt {
  readonly view: string;
  readonly options: RestoreRequest;
  readonly walk: WalkRef;
}

/** How to compute what is not kept. */
export interface WalkWork {
  readonly device: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Numbers of a tensor as they are handed over. */
export interface TensorBytes {
  readonly header: TensorHeader;
  readonly bytes: Uint8Array;
}

/** What restorations with several seeds come to, in the sampler's range. */
interface OverSeeds {
  readonly plan: Plan;
  readonly first: Tensor;
  readonly estimate: Tensor;
  readonly statistics: SeedStatistics;
}

interface Found {
  /** Of the whole file. */
  readonly whole: Plan;
  /** As the face walks in its frame. */
  readonly plan: Plan;
  readonly face: FaceToWalk;
}

/** The walks that views look at: opened, computed where they are not kept, and read. What a view has looked at stays for as long as it is open. */
export class WalkViews {
  private readonly faces = new SharedLoads<FaceToWalk>();
  private readonly walks = new SharedLoads<KeptWalk>();
  private readonly holds = new Map<string, Map<string, () => void>>();
  /** The map that was made last: its threshold is moved to and fro. */
  private lastMap: { readonly key: string; readonly map: OverSeeds } | undefined;

  constructor(private readonly views: MediaViews, private readonly engines: EnginePool, private readonly keeping: Keeping) {}

  /** @returns undefined when it is not kept as a whole and there is nothing to compute it with */
  async open(looked: LookedAt, work?: WalkWork): Promise<WalkInfo | undefined> {
    const open = async ({ plan, face }: Found, engine?: Engine): Promise<WalkInfo | undefined> => {
      const { turns } = looked.walk;
      await this.hold(looked.view, plan, face);
      let walk = await keptWalk(face, plan, turns, this.keeping);
      if (work) await walk.verify();                                      // something was missing: then other states may be too
      if (!walk.complete) {
        if (!work || !engine) return undefined;
        walk = await walkFace(face, plan, turns, this.keeping, runOn(engine, work, 0, 1));
      }
      this.walks.put(keyOf(looked), walk);
      return walk.info;
    };
    return work ? this.computing(looked, work, open) : open(await this.find(looked));
  }

  /** @throws KernelFailure('input') when something is no longer kept */
  async previews(looked: LookedAt): ReturnType<KeptWalk['previews']> {
    return (await this.kept(looked)).previews();
  }

  async state(looked: LookedAt, kind: StateKind, order: number): Promise<TensorBytes | StatePlace> {
    const walk = await this.kept(looked);
    const place = await walk.place(kind, order);
    return place ?? tensorBytes(await walk.read(kind, order), walk.precision);
  }

  /** A state in full size as a JPEG. @throws KernelFailure('input') when it is no longer kept */
  async picture(looked: LookedAt, kind: StateKind, order: number): Promise<Buffer> {
    return (await this.kept(looked)).picture(kind, order);
  }

  async branches(view: string, options: RestoreRequest, of: WalkedFace): Promise<readonly Branch[]> {
    const { plan, face } = await this.find({ view, options, walk: { ...of, turns: [] } });
    return (await faceWalks(face, plan)).branches(identityOf(plan, [], plan.seed));
  }

  async nameBranch(looked: LookedAt, name: string | null): Promise<readonly Branch[]> {
    const { plan, face } = await this.find(looked);
    return (await faceWalks(face, plan)).nameBranch(identityOf(plan, looked.walk.turns, plan.seed), name);
  }

  /** Mean and deviation over seeds, in the sampler's range. */
  async seedMap(looked: LookedAt, seeds: number, work: WalkWork): Promise<{ readonly info: SeedMapInfo; readonly mean: Tensor; readonly deviation: Tensor }> {
    const { plan, statistics: { mean, deviation, meanDeviation, peak } } = await this.overSeeds(looked, seeds, work);
    const info = { seeds: Array.from({ length: seeds }, (_, i) => otherSeed(plan.seed, i)), size: mean.shape[2]!, meanDeviation, peak };
    return { info, mean, deviation };
  }

  /** The first result of a seed map with the estimate blended in, in the sampler's range. */
  async blended(looked: LookedAt, seeds: number, above: number, work: WalkWork): Promise<TensorBytes> {
    const key = `${keyOf(looked)} ${seeds}`;
    const { first, estimate, statistics: { deviation } } = this.lastMap?.key === key ? this.lastMap.map : await this.overSeeds(looked, seeds, work);
    return tensorBytes(blendEstimate(first, estimate, deviation, above), 'float32');
  }

  /** The walks of a face in several frames of a clip. @throws KernelFailure('usage') when the face is not seen there */
  async frames(looked: LookedAt, first: number, last: number, rows: number, work: WalkWork): Promise<{ readonly frames: readonly number[]; readonly walks: readonly KeptWalk[] }> {
    const track = await this.views.track(looked.view, { number: looked.walk.face, detector: (await planOf(looked.options)).detector });
    if (!track) throw new KernelFailure('usage', `face ${looked.walk.face} of ${this.views.path(looked.view)} is not known as a face of a clip`);
    const [from, to] = [Math.max(first, track.first), Math.min(last, track.first + track.landmarks.length - 1)];
    if (from > to) throw new KernelFailure('usage', `face ${looked.walk.face} is not seen in the frames ${first + 1} to ${last + 1}`);
    const count = Math.min(rows, to - from + 1);
    const frames = Array.from({ length: count }, (_, i) => (count === 1 ? from : Math.round(from + ((to - from) * i) / (count - 1))));
    const walks = await this.computing(looked, work, async ({ whole }, engine) => {
      const walked: KeptWalk[] = [];
      for (const [i, frame] of frames.entries()) {
        const here = { ...looked, walk: { ...looked.walk, frame } };
        const [plan, face] = [this.planAt(here, whole), await this.face(here, whole)];
        await this.hold(looked.view, plan, face);
        walked.push(await walkFace(face, plan, looked.walk.turns, this.keeping, runOn(engine, work, i, frames.length)));
      }
      return walked;
    });
    return { frames, walks };
  }

  /** Writes a walk. @returns the folder */
  async export(looked: LookedAt, formats: readonly WalkFormat[], wanted: string, work: WalkWork): Promise<string> {
    return this.computing(looked, work, async ({ plan, face }, engine) => {
      const parameters = await walkParameters(this.views.path(looked.view), plan, looked.walk);
      return withWalk(face, plan, looked.walk.turns, this.keeping, runOn(engine, work, 0, 1), (walk) => exportWalk(walk, wanted, formats, parameters, work.signal, (state, states) => { work.onProgress({ stage: 'writingStates', state, states }); }));
    });
  }

  /** Writes the walks of a face over the frames of a clip as one picture. @returns its path */
  async exportGrid(looked: LookedAt, first: number, last: number, rows: number, wanted: string, work: WalkWork): Promise<string> {
    const { frames, walks } = await this.frames(looked, first, last, rows, work);
    return exportGrid(walks, frames, wanted, work.signal);
  }

  /** Lets the restored face under these options be what the walk ended in. */
  async adopt(looked: LookedAt): Promise<void> {
    const { whole, plan, face } = await this.find(looked);
    const result = await (await keptWalk(face, plan, looked.walk.turns, this.keeping)).result();
    if (!result) throw new KernelFailure('input', 'the result of the walk is no longer kept; walk again');
    const stores = await FaceStores.of(this.views.path(looked.view), whole);
    await stores.put(face.track, looked.walk.frame, tensorToRgb(result));
  }

  /** Forgets what a view looked at. */
  close(view: string): void {
    for (const loads of [this.faces, this.walks]) loads.forget((key) => key.startsWith(`${view} `));
    if (this.lastMap?.key.startsWith(`${view} `) === true) this.lastMap = undefined;
    for (const letGo of this.holds.get(view)?.values() ?? []) letGo();
    this.holds.delete(view);
  }

  /** Looks under the numbers in which results are usually made. */
  private async find(looked: LookedAt): Promise<Found> {
    const whole = { ...await planOf(looked.options), ...await this.engines.numbers(looked.options.precision) };
    return { whole, plan: this.planAt(looked, whole), face: await this.face(looked, whole) };
  }

  /** Looks, and computes what is missing, on a device. */
  private async computing<T>(looked: LookedAt, { device, signal }: WalkWork, work: (found: Found, engine: Engine) => Promise<T>): Promise<T> {
    const asked = await planOf(looked.options);
    return this.engines.use({ model: asked.model, device, precision: looked.options.precision }, async (engine, numbers) => {
      const whole = { ...asked, ...numbers };
      return work({ whole, plan: this.planAt(looked, whole), face: await this.face(looked, whole, signal) }, engine);
    });
  }

  private planAt({ view, walk: { frame } }: LookedAt, whole: Plan): Plan {
    return planInFrame(whole, this.views.path(view), frame);
  }

  private face({ view, walk: { face, frame } }: LookedAt, plan: Plan, signal?: AbortSignal): Promise<FaceToWalk> {
    const size = plan.model?.description.faceSize ?? 512;
    return this.faces.get(`${view} ${face} ${frame} ${size} ${plan.detector}`, async (wanted) => {
      const crop = await this.views.alignedCrop(view, { number: face, detector: plan.detector }, frame, size, wanted);
      return { crop: rgbToTensor(crop), track: face - 1 };
    }, signal);
  }

  private kept(looked: LookedAt): Promise<KeptWalk> {
    return this.walks.get(keyOf(looked), async () => {
      const { plan, face } = await this.find(looked);
      return keptWalk(face, plan, looked.walk.turns, this.keeping);
    });
  }

  /** Restores with so many seeds, in the sampler's range; what was restored before is not restored again. */
  private async overSeeds(looked: LookedAt, seeds: number, work: WalkWork): Promise<OverSeeds> {
    const map = await this.computing(looked, work, async ({ plan, face }, engine) => {
      await this.hold(looked.view, plan, face);
      const recorder = new SeedStatisticsRecorder(face.crop.shape.slice(-3) as [number, number, number]);
      let first: { readonly result: Tensor; readonly estimate: Tensor } | undefined;
      for (let i = 0; i < seeds; i++) {
        const turns: readonly Turn[] = looked.walk.turns.map((turn) => ({ ...turn, seed: otherSeed(turn.seed, i) }));
        const walked = await walkedResult(face, plan, turns, otherSeed(plan.seed, i), runOn(engine, work, i, seeds));
        first ??= walked;
        recorder.add(toSampler(walked.result));
      }
      return { plan, first: toSampler(first!.result), estimate: toSampler(first!.estimate), statistics: recorder.statistics };
    });
    this.lastMap = { key: `${keyOf(looked)} ${seeds}`, map };
    return map;
  }

  private async hold(view: string, plan: Plan, face: FaceToWalk): Promise<void> {
    const walks = await faceWalks(face, plan);
    const held = this.holds.get(view) ?? new Map<string, () => void>();
    this.holds.set(view, held);
    if (!held.has(walks.folder)) held.set(walks.folder, walks.hold());
  }
}

function runOn(engine: Engine, { signal, onProgress }: WalkWork, walk: number, walks: number): WalkRun {
  return {
    engine, signal,
    onStep: (step, steps) => {
      onProgress({ stage: 'walking', walk, walks, step, steps });
    },
  };
}

function keyOf({ view, options, walk }: LookedAt): string {
  return `${view} ${JSON.stringify([walk, Object.entries(options).filter(([name]) => !['faces', 'strength', 'mask', 'upscale', 'background', 'matchColours', 'output', 'suffix'].includes(name))])}`;
}

function tensorBytes({ data, shape }: Tensor, dtype: 'float16' | 'float32'): TensorBytes {
  const numbers = dtype === 'float16' ? toFloat16(data) : data;
  const [channels, height, width] = shape.slice(-3) as [number, number, number];
  return { header: { dtype, shape: [channels, height, width] }, bytes: new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength) };
}
