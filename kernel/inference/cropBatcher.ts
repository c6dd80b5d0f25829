import type { NoiseKey } from '../diffusion/noise.ts';
import type { WalkPoint } from '../diffusion/walk.ts';
import { KernelFailure } from '../failure.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { RestoreListener } from './client.ts';
import { OutOfMemory } from './outOfMemory.ts';
import type { KeptState, RestoreJob, RestoreOutcome } from './protocol.ts';

/** One crop of a batch: (1, 3, H, W) everywhere. */
export type CropJob = Omit<RestoreJob, 'noise'> & { readonly noise: NoiseKey };

/** Restores a batch that is as large as it says. */
export type RestoreBatch = (job: RestoreJob, listener: RestoreListener) => Promise<RestoreOutcome>;

interface Waiting {
  readonly job: CropJob;
  readonly listener: RestoreListener;
  readonly resolve: (outcome: RestoreOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers crops that are asked for at the same time and can be computed together. What a crop comes to does not depend on its neighbours but for the last bits of a
 * float32, where sums are added in another order: noise is a function of seed, track, timestep and pixel, and no operator of the networks looks across the batch. A batch
 * that runs out of memory is halved, and stays so.
 */
export class CropBatcher {
  private waiting: Waiting[] = [];
  private working = false;

  /**
   * @param limit most crops at once
   * @param restore works on one batch at a time
   * @param onHalved told before a smaller batch is tried, which waits for what it returns
   */
  constructor(private limit: number, private readonly restore: RestoreBatch, private readonly onHalved: (limit: number, cause: OutOfMemory) => void | Promise<void> = () => undefined) {}

  /** How many crops are worth asking for at once. */
  get size(): number {
    return this.limit;
  }

  add(job: CropJob, listener: RestoreListener): Promise<RestoreOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ job, listener, resolve, reject });
      // what is asked for in the same turn of the event loop comes along
      setImmediate(() => void this.work());
    });
  }

  private async work(): Promise<void> {
    if (this.working) return;
    this.working = true;
    try {
      for (let batch = this.next(); batch.length > 0; batch = this.next()) await this.together(batch);
    } finally {
      this.working = false;
    }
  }

  /** The first one that waits, and those behind it that are like it: a full batch, or a power of two, so that few graphs serve. */
  private next(): readonly Waiting[] {
    const [first] = this.waiting;
    if (!first) return [];
    const kind = kindOf(first.job);
    const alike = this.waiting.filter(({ job }) => kindOf(job) === kind);
    const count = alike.length >= this.limit ? this.limit : 2 ** Math.floor(Math.log2(alike.length));
    const batch = alike.slice(0, count);
    this.waiting = this.waiting.filter((one) => !batch.includes(one));
    return batch;
  }

  private async together(batch: readonly Waiting[]): Promise<void> {
    const controller = new AbortController();
    const signals = batch.flatMap(({ listener: { signal } }) => (signal ? [signal] : []));
    const abort = (): void => {
      const aborted = signals.filter((signal) => signal.aborted);
      if (aborted.length === batch.length) controller.abort(aborted[0]!.reason);
    };
    for (const signal of signals) signal.addEventListener('abort', abort, { once: true });
    abort();
    try {
      controller.signal.throwIfAborted();
      const outcome = await this.restore(joined(batch.map(({ job }) => job)), {
        signal: controller.signal,
        onStep: (step, steps) => {
          for (const { listener } of batch) listener.onStep?.(step, steps);
        },
        onState: (state) => {
          for (const [b, { listener }] of batch.entries()) listener.onState?.(stateOf(state, b));
        },
      });
      for (const [b, { listener: { signal }, resolve, reject }] of batch.entries()) {
        if (signal?.aborted === true) reject(signal.reason);
        else resolve({ restored: partOf(outcome.restored, b), estimate: partOf(outcome.estimate, b), x0: partOf(outcome.x0, b) });
      }
    } catch (error) {
      if (error instanceof OutOfMemory && batch.length > 1) await this.halve(batch, error);
      else for (const { listener: { signal }, reject } of batch) reject(signal?.aborted === true ? signal.reason : error);
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', abort);
    }
  }

  private async halve(batch: readonly Waiting[], cause: OutOfMemory): Promise<void> {
    this.limit = Math.max(1, Math.floor(batch.length / 2));
    try {
      await this.onHalved(this.limit, cause);
      this.waiting = [...batch, ...this.waiting];
    } catch (error) {
      for (const { reject } of batch) reject(error instanceof KernelFailure ? error : cause);
    }
  }
}

/** Crops of one kind can be computed together: the same method, the same states kept, and as much known. */
function kindOf({ crops, method, kept, known }: CropJob): string {
  return JSON.stringify([crops.shape, method, kept, known && [known.point?.order, known.point?.previousX0 !== undefined]]);
}

function joined(jobs: readonly CropJob[]): RestoreJob {
  const [{ method, kept, known }] = jobs as [CropJob, ...CropJob[]];
  const all = (part: (job: CropJob) => Tensor): Tensor => concatenated(jobs.map(part));
  const point = known?.point;
  const joinedPoint: WalkPoint | undefined = point && {
    order: point.order, x: all((job) => job.known!.point!.x), ...(point.previousX0 ? { previousX0: all((job) => job.known!.point!.previousX0!) } : {}),
  };
  return {
    crops: all(({ crops }) => crops), method, kept, noise: { kind: 'counter', keys: jobs.map(({ noise }) => noise) },
    ...(known ? { known: { estimate: all((job) => job.known!.estimate), ...(joinedPoint ? { point: joinedPoint } : {}) } } : {}),
  };
}

function concatenated(parts: readonly Tensor[]): Tensor {
  const [first] = parts as [Tensor, ...Tensor[]];
  if (parts.length === 1) return first;
  const shape = [parts.length, ...first.shape.slice(1)];
  const data = new Float32Array(sizeOf(shape));
  for (const [b, part] of parts.entries()) data.set(part.data, b * part.data.length);
  return { data, shape };
}

/** Image b of a batch, (1, ...). */
function partOf({ data, shape: [batch, ...rest] }: Tensor, b: number): Tensor {
  if (batch === 1) return { data, shape: [1, ...rest] };
  const size = sizeOf(rest);
  return { data: data.slice(b * size, (b + 1) * size), shape: [1, ...rest] };
}

function stateOf({ xT, predX0, eps, sigma, ...where }: KeptState, b: number): KeptState {
  return { ...where, xT: partOf(xT, b), predX0: partOf(predX0, b), eps: partOf(eps, b), ...(sigma ? { sigma: partOf(sigma, b) } : {}) };
}
