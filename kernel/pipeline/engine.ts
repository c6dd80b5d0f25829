import type { Turn } from '../diffusion/walk.ts';
import type { Device } from '../inference/executionProviders.ts';
import { InferenceClient } from '../inference/client.ts';
import { prepareNetwork } from '../inference/modelStore.ts';
import type { KeptState, RestoreJob, RestoreOutcome } from '../inference/protocol.ts';
import { cacheFolder } from '../packageFolder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { InstalledModel } from '../weights/catalog.ts';
import type { DetectorName } from '../weights/detectorNames.ts';
import type { FaceDetector, FaceFinder } from './faceDetector.ts';
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

/** The model on its device, and the detector beside it. */
export class Engine {
  private readonly restorer: InferenceClient;
  private modelReady: Promise<void> | undefined;

  /** @param model undefined for the identity: no network restores then */
  constructor(readonly device: Device, readonly model: InstalledModel | undefined, private readonly detector: FaceDetector, options: { readonly threads?: number; readonly background: boolean }) {
    this.restorer = new InferenceClient({ provider: device.provider, ...options });
  }

  /** Side of the aligned crops in pixels. */
  get faceSize(): number {
    return this.model?.description.faceSize ?? 512;
  }

  /** Process id of the inference child, for tests. */
  get restorerPid(): number | undefined {
    return this.restorer.pid;
  }

  /** What finds the faces that this engine restores. */
  finder(detector: DetectorName): CropFinder {
    return { ...this.detector.finder(detector), faceSize: this.faceSize };
  }

  /** Converts the weights where that was not done yet, and loads them. */
  async prepare(signal: AbortSignal): Promise<void> {
    if (!this.model) return;
    this.modelReady ??= this.loadModel(this.model, signal);
    try {
      await this.modelReady;
    } catch (error) {
      this.modelReady = undefined;                                      // cancelled or mended meanwhile: the next one tries again
      throw error;
    }
  }

  /** @param crop (1, 3, faceSize, faceSize) in [0, 1] */
  async restore(crop: Tensor, { method, turns, seed, track, signal, onStep, kept = [], onState, known }: CropJob): Promise<RestoreOutcome> {
    if (method.kind === 'identity') return { restored: crop, estimate: crop, x0: crop };
    await this.prepare(signal);
    return this.restorer.restore(
      { crops: crop, method: method.kind === 'backbone' ? method : { ...method, turns }, noise: { kind: 'counter', keys: [{ seed, track }] }, kept, ...(known ? { known } : {}) },
      { signal, ...(onStep ? { onStep } : {}), ...(onState ? { onState } : {}) },
    );
  }

  dispose(): void {
    this.restorer.dispose();
  }

  private async loadModel({ description, folder }: InstalledModel, signal: AbortSignal): Promise<void> {
    const size = { batch: 1, height: description.faceSize, width: description.faceSize, precision: 'fp32' as const, cacheFolder: cacheFolder(), signal };
    for (const name of ['backbone', 'denoiser'] as const) await this.restorer.load(name, await prepareNetwork(folder, description[name], size));
  }
}
