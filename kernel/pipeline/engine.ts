import type { DetectOptions } from '../faces/detector.ts';
import type { Face } from '../faces/face.ts';
import type { Device } from '../inference/executionProviders.ts';
import { InferenceClient } from '../inference/client.ts';
import { prepareNetwork } from '../inference/modelStore.ts';
import type { KeptState } from '../inference/protocol.ts';
import { cacheFolder } from '../packageFolder.ts';
import { rgbToTensor, stack, tensorToRgb } from '../tensor/imageTensor.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { InstalledModel } from '../weights/catalog.ts';
import type { FaceDetector } from './faceDetector.ts';
import type { Method } from './request.ts';

export interface CropJob {
  readonly method: Method;
  readonly seed: number;
  /** Which noise each crop has: the number of its face, or of its track. */
  readonly tracks: readonly number[];
  readonly signal: AbortSignal;
  readonly onStep?: (step: number, steps: number) => void;
  /** Takes what the walk leaves behind; without it nothing is kept. */
  readonly keep?: WalkKeeper;
}

/** What is kept of a walk: the backbone's estimate, (B, 3, H, W) in [0, 1], and every state. */
export interface WalkKeeper {
  state(state: KeptState): void;
  estimate(estimate: Tensor): void;
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

  detect(image: RgbImage, options: DetectOptions): Promise<readonly Face[]> {
    return this.detector.detect(image, options);
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

  /** Restores aligned crops of the model's size; results are 8 bit, as pixels are. */
  async restoreCrops(crops: readonly RgbImage[], job: CropJob): Promise<readonly RgbImage[]> {
    if (job.method.kind === 'identity') return crops;
    const restored = await this.restoreTensor(stack(crops.map(rgbToTensor)), job);
    return crops.map((_, i) => tensorToRgb(restored, i));
  }

  /** @param crops (B, 3, faceSize, faceSize) in [0, 1]; B must be 1, graphs have static shapes */
  async restoreTensor(crops: Tensor, { method, seed, tracks, signal, onStep, keep }: CropJob): Promise<Tensor> {
    if (method.kind === 'identity') return crops;
    await this.prepare(signal);
    const { restored, estimate } = await this.restorer.restore(
      { crops, method, noise: { kind: 'counter', keys: tracks.map((track) => ({ seed, track })) }, keepStates: keep !== undefined },
      {
        signal,
        ...(onStep ? { onStep } : {}),
        onState: (state) => {
          keep?.state(state);
        },
      },
    );
    keep?.estimate(estimate);
    return restored;
  }

  dispose(): void {
    this.restorer.dispose();
  }

  private async loadModel({ description, folder }: InstalledModel, signal: AbortSignal): Promise<void> {
    const size = { batch: 1, height: description.faceSize, width: description.faceSize, precision: 'fp32' as const, cacheFolder: cacheFolder(), signal };
    for (const name of ['backbone', 'denoiser'] as const) await this.restorer.load(name, await prepareNetwork(folder, description[name], size));
  }
}
