import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { counterNoise } from '../diffusion/noise.ts';
import { noiseFollows, noiseOfStep } from '../diffusion/predictedNoise.ts';
import { fromSampler, toSampler } from '../diffusion/range.ts';
import { linearSchedule } from '../diffusion/schedule.ts';
import { drawsNoise, sigmaOf } from '../diffusion/stepSigma.ts';
import { plannedSteps, type PlannedStep, type WalkPoint } from '../diffusion/walk.ts';
import { encodeJpeg } from '../media/image.ts';
import { toFloat16 } from '../tensor/float16.ts';
import { npyBytes, npyHeader, parseNpy, toTensor } from '../tensor/npy.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { KeptFiles } from './keptFiles.ts';
import { lost } from './lostState.ts';
import { smallPicture, smallState } from './smallPictures.ts';
import type { StoredWalk } from './storedWalk.ts';
import { stateToRgb } from './strip.ts';
import { FaceWalks, notKept, type WalkIdentity } from './walkStore.ts';
import type { StateKind, TensorHeader, WalkFigures, WalkInfo, WalkStep } from './walkTypes.ts';

/** In a walk of halves every so many states are kept in full, so that a branch begins in the exact state without walking all the way again. */
const exactEvery = 16;

/** What is kept of a state. */
type Part = 'x_t' | 'predX0' | 'eps' | 'sigma';

/** Numbers in a file: from the offset to its end. */
export interface StatePlace {
  readonly path: string;
  readonly offset: number;
  readonly header: TensorHeader;
}

/** The states of one walk on disk, those before its last turn in the folders of the walks it turned from. */
export class KeptWalk implements StoredWalk {
  /** The curves, once they were computed. */
  private figures: WalkFigures | undefined;

  /**
   * @param folders of the walk without turns, with the first turn, ... and of this walk
   * @param kept orders of the steps that are kept; none: the result alone
   */
  private constructor(private readonly face: FaceWalks, private readonly identity: WalkIdentity, private readonly track: number, private readonly size: number,
    private readonly folders: readonly KeptFiles[], readonly kept: readonly number[], readonly precision: 'float16' | 'float32', readonly planned: readonly PlannedStep[]) {}

  /** @param kept orders of the steps that are wanted; those a turn begins at are kept with them. None: the result alone */
  static async open(face: FaceWalks, identity: WalkIdentity, track: number, size: number, kept: (planned: readonly PlannedStep[]) => readonly number[], precision: 'float16' | 'float32'): Promise<KeptWalk> {
    const planned = plannedSteps(identity.recipe, identity.turns);
    const folders = await Promise.all([...identity.turns.keys(), identity.turns.length].map((count) => face.states({ ...identity, turns: identity.turns.slice(0, count) })));
    const wanted = kept(planned);
    const orders = wanted.length === 0 ? [] : [...new Set([...wanted, ...identity.turns.map(({ at }) => at)])].sort((a, b) => a - b);
    const walk = new KeptWalk(face, identity, track, size, folders, orders, precision, planned);
    const figures = await folders.at(-1)!.read(walk.figuresName);
    if (figures) walk.figures = JSON.parse(figures.toString()) as WalkFigures;
    return walk;
  }

  /** Everything that is to be kept and is not there, by the order of its state; the result, x_0, is `x_t` of the order after the last. */
  get missing(): readonly { readonly part: Part; readonly order: number }[] {
    const { planned, kept } = this;
    const wanted = [
      ...kept.flatMap((order) => [{ part: 'x_t' as const, order }, { part: 'predX0' as const, order }, ...(this.needsNoise(order) ? [{ part: 'eps' as const, order }] : []), ...(this.needsSigma(order) ? [{ part: 'sigma' as const, order }] : [])]),
      { part: 'x_t' as const, order: planned.length },
    ];
    return wanted.filter(({ part, order }) => !this.folderOf(part, order).has(fileName(part, order)) || (this.exact(part, order) && !this.isExact(part, order)));
  }

  /** Whether nothing has to be computed to look at the walk. */
  get complete(): boolean {
    return this.kept.length > 0 && this.missing.length === 0 && this.face.files.has('estimate') && this.face.files.has('input') && this.figures !== undefined;
  }

  /** Reads everything that is kept and forgets what is damaged: one computation then mends all of it. */
  async verify(): Promise<void> {
    for (const folder of [this.face.files, ...this.folders]) await folder.verify();
  }

  /** The latest exact state from which everything that is missing can be walked to; undefined: the walk begins with the estimate. */
  async pointBefore(order: number): Promise<WalkPoint | undefined> {
    for (let at = order; at > 0; at--) {
      if (!this.isExact('x_t', at)) continue;
      const history = this.planned[at]?.sampler === 'dpm++' && this.planned[at - 1]?.sampler === 'dpm++';
      if (history && !this.isExact('predX0', at - 1)) continue;
      const x = await this.readPart('x_t', at);
      const previousX0 = history ? await this.readPart('predX0', at - 1) : undefined;
      if (x && (!history || previousX0)) return { order: at, x: batched(x), ...(previousX0 ? { previousX0: batched(previousX0) } : {}) };
    }
    return undefined;
  }

  /** @throws KernelFailure('output') when there is no room */
  async keep(order: number, state: { readonly xT: Tensor; readonly predX0?: Tensor; readonly eps?: Tensor; readonly sigma?: Tensor }): Promise<void> {
    const parts = { x_t: state.xT, predX0: state.predX0, eps: state.eps, sigma: state.sigma } as const;
    for (const { part } of this.missing.filter((one) => one.order === order)) {
      const tensor = parts[part];
      if (!tensor) continue;
      const folder = this.folderOf(part, order);
      try {
        await folder.write(fileName(part, order), 'npy', (this.exact(part, order) ? npyBytes : halfNpyBytes)(unbatched(tensor)));
        if (part === 'x_t' || part === 'predX0') await folder.write(previewName(part, order), 'jpg', await smallState(tensor));
      } catch (error) {
        throw notKept(error);
      }
    }
  }

  /** Keeps what all walks of the face share: its crop and the backbone's estimate, (1, 3, H, W) in [0, 1]. */
  async keepShared(input: Tensor, estimate: Tensor): Promise<void> {
    try {
      for (const [name, tensor] of Object.entries({ input, estimate })) {
        if (!this.face.files.has(name)) await this.face.files.write(name, 'npy', npyBytes(unbatched(tensor)));
        if (!this.face.files.has(`${name}.preview`)) await this.face.files.write(`${name}.preview`, 'jpg', await smallPicture(tensor));
      }
    } catch (error) {
      throw notKept(error);
    }
  }

  /** The estimate as the backbone gave it, (1, 3, H, W) in [0, 1]; undefined when it is not kept. */
  estimate(): Promise<Tensor | undefined> {
    return this.readShared('estimate');
  }

  /** What the walk ends in, (1, 3, H, W) in [0, 1], as a restoration gives it; undefined when it is not kept. */
  async result(): Promise<Tensor | undefined> {
    const x0 = await this.readPart('x_t', this.planned.length);
    return x0 && batched(fromSampler(x0));
  }

  /** Small pictures: of the input, the estimate, and each kept state with the result at the end, where predX0 is the result itself. */
  async previews(): Promise<{ readonly input: Buffer; readonly estimate: Buffer; readonly states: readonly { readonly xT: Buffer; readonly predX0: Buffer }[] }> {
    const shared = async (name: 'input' | 'estimate'): Promise<Buffer> => {
      const read = await this.face.files.read(`${name}.preview`);
      if (read) return read;
      const again = await smallPicture((await this.readShared(name)) ?? lost());
      await this.face.files.write(`${name}.preview`, 'jpg', again).catch(() => undefined); // it can be made once more
      return again;
    };
    const of = async (part: 'x_t' | 'predX0', order: number): Promise<Buffer> => {
      const read = await this.folderOf(part, order).read(previewName(part, order));
      return read ?? smallState((await this.readPart(part, order)) ?? lost());
    };
    const end = await of('x_t', this.planned.length);
    const states = await Promise.all(this.kept.map(async (order) => ({ xT: await of('x_t', order), predX0: await of('predX0', order) })));
    return { input: await shared('input'), estimate: await shared('estimate'), states: [...states, { xT: end, predX0: end }] };
  }

  /** Keeps the curves with the states they are of. */
  async keepFigures(figures: WalkFigures): Promise<void> {
    this.figures = figures;
    await this.folders.at(-1)!.write(this.figuresName, 'json', Buffer.from(JSON.stringify(figures))).catch((error: unknown) => {
      throw notKept(error);
    });
  }

  /** @throws Error before the curves were computed */
  get info(): WalkInfo {
    const { identity, planned, figures } = this;
    if (!figures) throw new Error('the figures of the walk were not computed');
    const { recipe, seed } = identity;
    const start = linearSchedule(recipe.respacing).steps[recipe.start]!;
    return {
      id: join(basename(this.face.folder), FaceWalks.nameOf(identity)), size: this.size, kept: [...this.kept, planned.length], precision: this.precision, figures,
      steps: planned.map((one): WalkStep => ({
        t: one.step.t, alphaBar: one.step.alphaBar, alphaBarPrev: one.step.alphaBarPrev, sampler: one.sampler, eta: one.eta, sigma: sigmaOf(one), seed: one.seed ?? seed,
      })),
      start: { index: recipe.start, t: start.t, alphaBar: start.alphaBar },
      bytes: this.face.files.bytes + this.folders.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  async read(kind: StateKind, order: number): Promise<Tensor> {
    switch (kind) {
      case 'input':
      case 'estimate':
        return unbatched(toSampler((await this.readShared(kind)) ?? lost()));
      case 'xT':
        return (await this.readPart('x_t', order)) ?? lost();
      case 'predX0':
        return (await this.readPart(order === this.planned.length ? 'x_t' : 'predX0', order)) ?? lost();
      case 'predEps': {
        const step = this.planned[order];
        if (!step) return lost();
        if (this.needsNoise(order)) return (await this.readPart('eps', order)) ?? lost();
        const states = { xT: await this.read('xT', order), predX0: await this.read('predX0', order), xPrev: await this.read('xT', order + 1), noise: this.noise(order) };
        return noiseOfStep(step, states, this.precision === 'float32');
      }
      default:
        return kind satisfies never;
    }
  }

  /** A state in full size as a JPEG that looks like it: what changes from step to step is seen in it, what is measured is not taken from it. */
  async picture(kind: StateKind, order: number): Promise<Buffer> {
    return encodeJpeg(stateToRgb(await this.read(kind, order)), 85);
  }

  /**
   * Where the numbers of a state lie on disk, checked a moment ago: who shows states need not copy them.
   * @returns undefined for what is computed from others
   */
  async place(kind: StateKind, order: number): Promise<StatePlace | undefined> {
    if (kind === 'input' || kind === 'estimate' || (kind === 'predEps' && !this.needsNoise(order))) return undefined;
    const part = kind === 'predEps' ? 'eps' : kind === 'xT' || order === this.planned.length ? 'x_t' : 'predX0';
    const folder = this.folderOf(part, order);
    const name = fileName(part, order);
    const path = await folder.path(name);
    if (path === undefined) return undefined;
    const [dtype, bytes] = this.isExact(part, order) ? ['float32', 4] as const : ['float16', 2] as const;
    return { path, offset: folder.size(name) - 3 * this.size * this.size * bytes, header: { dtype, shape: [3, this.size, this.size] } };
  }

  noise(order: number): Tensor | undefined {
    const one = this.planned[order];
    if (!one || !drawsNoise(one)) return undefined;
    const drawn = counterNoise([{ seed: one.seed ?? this.identity.seed, track: this.track }])({ kind: 'step', t: one.step.t, order }, [1, 3, this.size, this.size]);
    return unbatched(drawn);
  }

  async sigma(order: number): Promise<Tensor | undefined> {
    return this.needsSigma(order) ? (await this.readPart('sigma', order)) ?? lost() : undefined;
  }

  /** The noise of a kept step is kept too where it does not follow from the states. Where it does, what other kept steps or another precision left of it is not looked at. */
  private needsNoise(order: number): boolean {
    const step = this.planned[order];
    return step !== undefined && (!noiseFollows(step) || !this.kept.includes(order + 1));
  }

  /** The network's own variance is kept: it does not follow where the noise is near 0. */
  private needsSigma(order: number): boolean {
    const step = this.planned[order];
    return step?.sampler === 'ddpm' && drawsNoise(step);
  }

  /** Where a part of a state lies: up to the state a turn begins at, in the walk it turned from. What a step predicts is the same there, but what follows from it is not. */
  private folderOf(part: Part, order: number): KeptFiles {
    const { turns } = this.identity;
    return this.folders[turns.filter(({ at }) => (part === 'eps' || part === 'sigma' ? at <= order : at < order)).length]!;
  }

  /** Of other steps there are other curves. */
  private get figuresName(): string {
    return `figures-${createHash('sha256').update(this.kept.join()).digest('hex').slice(0, 8)}`;
  }

  private exact(part: Part, order: number): boolean {
    if (this.precision === 'float32' || order === this.planned.length) return true;
    if (part === 'x_t') return order % exactEvery === 0;
    if (part !== 'predX0') return false;
    // the last one is the result itself; the solver looks back at the others
    return order === this.planned.length - 1 || (this.planned[order]?.sampler === 'dpm++' && (order + 1) % exactEvery === 0);
  }

  private isExact(part: Part, order: number): boolean {
    return this.folderOf(part, order).size(fileName(part, order)) > 3 * this.size * this.size * 4;
  }

  /** The crop or the estimate, (1, 3, H, W) in [0, 1]. */
  private async readShared(name: 'input' | 'estimate'): Promise<Tensor | undefined> {
    const bytes = await this.face.files.read(name);
    return bytes && batched(toTensor(parseNpy(bytes)));
  }

  private async readPart(part: Part, order: number): Promise<Tensor | undefined> {
    const bytes = await this.folderOf(part, order).read(fileName(part, order));
    return bytes && toTensor(parseNpy(bytes));
  }
}

/** A float tensor in half precision. */
function halfNpyBytes({ data, shape }: Tensor): Uint8Array {
  const halves = toFloat16(data);
  return Buffer.concat([npyHeader('<f2', shape), new Uint8Array(halves.buffer, halves.byteOffset, halves.byteLength)]);
}

function fileName(part: Part, order: number): string {
  return `${part}.${String(order).padStart(3, '0')}`;
}

function previewName(part: Part, order: number): string {
  return `${fileName(part, order)}.preview`;
}

function batched({ data, shape }: Tensor): Tensor {
  return { data, shape: [1, ...shape] };
}

function unbatched({ data, shape }: Tensor): Tensor {
  return { data, shape: shape.slice(-3) };
}
