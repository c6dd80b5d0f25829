import type { Turn } from '../diffusion/walk.ts';
import { enlargePicture, referenceTiles } from '../faces/enlarge.ts';
import type { Labels } from '../faces/mask.ts';
import { parseFace } from '../faces/parsing.ts';
import { CropBatcher } from '../inference/cropBatcher.ts';
import { deviceName, type DeviceId, type Numbers } from '../inference/device.ts';
import type { Choice } from '../inference/executionProviders.ts';
import { InferenceClient } from '../inference/client.ts';
import { OutOfMemory } from '../inference/outOfMemory.ts';
import { networkName, type KeptState, type RestoreJob, type RestoreOutcome } from '../inference/protocol.ts';
import { SharedLoads } from '../sharedLoads.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { InstalledModel } from '../weights/catalog.ts';
import type { DetectorName } from '../weights/detectorNames.ts';
import { loadableNetworkFile } from '../weights/officialNetwork.ts';
import type { FaceDetector, FaceFinder } from './faceDetector.ts';
import { prepareBeside, prepareRestorer } from './preparedNetworks.ts';
import type { Method } from './request.ts';

/** One crop to restore, and how. */
export interface CropJob {
  readonly method: Method;
  readonly turns: readonly Turn[];
  readonly seed: number;
  /** Whose noise it has: the number of its face, or of its track, counted from 0. */
  readonly track: number;
  readonly signal: AbortSignal;
  readonly onStep?: (step: number, steps: number) => void;
  /** Orders of the states that are handed to `onState`; none where absent. */
  readonly kept?: readonly number[];
  readonly onState?: (state: KeptState) => void;
  readonly known?: RestoreJob['known'];
}

/** Finds faces and knows how large their crops are. */
export interface CropFinder extends FaceFinder {
  /** Side of the aligned crops in pixels. */
  readonly faceSize: number;
}

export interface EngineOptions {
  /** Everything is computed: nothing that was kept serves, and nothing is kept. */
  readonly afresh: boolean;
  readonly threads?: number;
  readonly background: boolean;
  /** Most crops at once. */
  readonly batch: number;
}

const restorers = ['backbone', 'denoiser'] as const;
/** Official weights of the networks around the faces. */
const besideFiles = { parsenet: 'parsenet', rrdbnet: 'realesrgan' } as const;
/** A network that works on what is around the faces. */
export type Beside = keyof typeof besideFiles;
/** Smaller tiles would be mostly surroundings: what has no room for one has none for the network. */
const smallestTile = 50;

/** The model on its device, and the detector beside it. */
export class Engine {
  readonly device: DeviceId;
  readonly numbers: Numbers;
  readonly afresh: boolean;
  /** Of the CPU, where their number was chosen. */
  readonly threads: number | undefined;
  private readonly restorer: InferenceClient;
  /** The networks around the faces, in a process of their own: a restorer that ran out of memory is ended, and they go on. */
  private readonly beside: InferenceClient;
  private readonly batcher: CropBatcher;
  /** By the size of the batch. */
  private readonly loaded = new SharedLoads<void>();
  private readonly failures = new WeakSet();
  /** Paths of converted networks. */
  private readonly graphs = new SharedLoads<string>();
  /** Side of the upsampler's tiles; less after a device ran out of memory. */
  private tile: number = referenceTiles.tile;

  /** @param model undefined for the identity: no network restores then */
  constructor(readonly choice: Choice, readonly model: InstalledModel | undefined, private readonly detector: FaceDetector, { batch, afresh, ...options }: EngineOptions) {
    const { device, precision } = choice;
    this.device = device;
    this.numbers = { provider: device.provider, precision };
    this.threads = options.threads;
    this.afresh = afresh;
    this.restorer = new InferenceClient({ ...device, precision, ...options });
    this.beside = new InferenceClient({ ...device, precision, ...options });
    this.batcher = new CropBatcher(batch, (job, listener) => this.together(job, listener), () => {
      this.loaded.forget();
      this.restorer.reset();
    });
  }

  /** Side of the aligned crops in pixels. */
  get faceSize(): number {
    return this.model?.description.faceSize ?? 512;
  }

  /** `cpu`, `cuda:1`, ... */
  get name(): string {
    return deviceName(this.device);
  }

  /** How many crops are worth asking for at once; less after a device ran out of memory. */
  get batchSize(): number {
    return this.batcher.size;
  }

  /** Process id of the inference child, for tests. */
  get restorerPid(): number | undefined {
    return this.restorer.pid;
  }

  /** Whether it was this device that failed, rather than anything else on the way. */
  failedWith(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.failures.has(error);
  }

  /** What finds the faces that this engine restores. */
  finder(detector: DetectorName): CropFinder {
    return { ...this.detector.finder(detector), faceSize: this.faceSize, afresh: this.afresh };
  }

  /** Converts the weights where that was not done yet; where crops come one at a time, the networks are loaded too. */
  async prepare(signal: AbortSignal): Promise<void> {
    if (!this.model) return;
    if (this.batchSize === 1) await this.load(1, signal);
    else for (const part of restorers) await this.graph(part, 1, signal);
  }

  /**
   * Checks and converts the files of networks that are going to be asked, so that a damaged one is told before the work; nothing is loaded.
   * @throws KernelFailure('weights', 'checkpoint') where one cannot be used
   */
  async checkBeside(beside: readonly Beside[], signal: AbortSignal): Promise<void> {
    for (const architecture of beside) await this.besideGraph(architecture, signal);
  }

  /**
   * Those that are asked for at the same time are computed together as far as the device's memory goes.
   * @param crop (1, 3, faceSize, faceSize) in [0, 1]
   */
  async restore(crop: Tensor, { method, turns, seed, track, signal, onStep, kept = [], onState, known }: CropJob): Promise<RestoreOutcome> {
    if (method.kind === 'identity') return { restored: crop, estimate: crop, x0: crop };
    return this.batcher.add(
      { crops: crop, method: method.kind === 'backbone' ? method : { ...method, turns }, noise: { seed, track }, kept, ...(known ? { known } : {}) },
      { signal, ...(onStep ? { onStep } : {}), ...(onState ? { onState } : {}) },
    );
  }

  /**
   * The parts of a restored crop of any size.
   * @throws KernelFailure('weights') when the parser is not installed
   */
  async parse(face: RgbImage, signal: AbortSignal): Promise<Labels> {
    await this.loadNetwork('parsenet', signal);
    return parseFace(face, (x) => this.inferBeside('parsenet', x));
  }

  /**
   * A picture of twice the size, made by RealESRGAN in the reference's tiles; in smaller ones where the device has no memory for these.
   * @throws KernelFailure('weights') when it is not installed
   */
  async enlarge(image: RgbImage, signal: AbortSignal, onTile: (tile: number, tiles: number) => void): Promise<RgbImage> {
    await this.loadNetwork('rrdbnet', signal);
    for (;;) {
      const { tile } = this;
      try {
        return await enlargePicture(image, (x) => this.inferBeside('rrdbnet', x), { factor: 2, multiple: 2, ...referenceTiles, tile, signal, onTile });
      } catch (error) {
        if (!(error instanceof OutOfMemory) || tile / 2 < smallestTile) throw error;
        this.tile = Math.min(this.tile, tile / 2);
      }
    }
  }

  dispose(): void {
    this.restorer.dispose();
    this.beside.dispose();
  }

  /** Loads one of the networks around the faces; the client knows whether it is loaded already. */
  private async loadNetwork(architecture: Beside, signal: AbortSignal): Promise<void> {
    const path = await this.besideGraph(architecture, signal);
    await this.onDevice(() => this.beside.load(architecture, path));
  }

  /** @returns path of a converted network around the faces, whose file was checked */
  private besideGraph(architecture: Beside, signal: AbortSignal): Promise<string> {
    return this.graphs.get(architecture, async (wanted) => prepareBeside(await loadableNetworkFile(besideFiles[architecture]), architecture, { signal: wanted }), signal);
  }

  private async inferBeside(architecture: Beside, x: Tensor): Promise<Tensor> {
    return (await this.onDevice(() => this.beside.infer(architecture, { x })))['out']!;
  }

  /** What fails in it is the device's failure. */
  private async onDevice<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (typeof error === 'object' && error !== null) this.failures.add(error);
      throw error;
    }
  }

  private async together(job: RestoreJob, listener: { readonly signal?: AbortSignal }): Promise<RestoreOutcome> {
    await this.load(job.crops.shape[0]!, listener.signal);
    return this.onDevice(() => this.restorer.restore(job, listener));
  }

  private load(batch: number, signal: AbortSignal | undefined): Promise<void> {
    return this.loaded.get(`${batch}`, async (wanted) => {
      for (const part of restorers) {
        const path = await this.graph(part, batch, wanted);
        await this.onDevice(() => this.restorer.load(networkName(part, batch), path));
      }
    }, signal);
  }

  /** @returns path of a converted network */
  private graph(part: (typeof restorers)[number], batch: number, signal: AbortSignal): Promise<string> {
    return this.graphs.get(`${part} ${batch}`, (wanted) => prepareRestorer(part, this.model!, { batch, numbers: this.numbers }, { signal: wanted }), signal);
  }
}
