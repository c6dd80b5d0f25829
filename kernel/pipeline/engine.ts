import type { Turn } from '../diffusion/walk.ts';
import { enlargePicture, referenceTiles } from '../faces/enlarge.ts';
import type { DetectOptions } from '../faces/detector.ts';
import type { Face } from '../faces/face.ts';
import type { Device } from '../inference/executionProviders.ts';
import { parsedSide, type Labels } from '../faces/mask.ts';
import { parseFace } from '../faces/parsing.ts';
import { InferenceClient } from '../inference/client.ts';
import { prepareNetwork, prepareRecognised } from '../inference/modelStore.ts';
import type { KeptState, RestoreJob, RestoreOutcome } from '../inference/protocol.ts';
import { cacheFolder } from '../packageFolder.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { InstalledModel } from '../weights/catalog.ts';
import { networkFile } from '../weights/wholeImage.ts';
import type { FaceDetector } from './faceDetector.ts';
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

/** The model on its device, and the detector beside it. */
export class Engine {
  private readonly restorer: InferenceClient;
  private modelReady: Promise<void> | undefined;
  /** Converted networks around the faces. */
  private readonly networks = new Map<string, Promise<string>>();

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

  /** @param crop (1, 3, faceSize, faceSize) in [0, 1] */
  async restore(crop: Tensor, { method, turns, seed, track, signal, onStep, kept = [], onState, known }: CropJob): Promise<RestoreOutcome> {
    if (method.kind === 'identity') return { restored: crop, estimate: crop, x0: crop };
    await this.prepare(signal);
    return this.restorer.restore(
      { crops: crop, method: method.kind === 'backbone' ? method : { ...method, turns }, noise: { kind: 'counter', keys: [{ seed, track }] }, kept, ...(known ? { known } : {}) },
      { signal, ...(onStep ? { onStep } : {}), ...(onState ? { onState } : {}) },
    );
  }

  /**
   * The parts of a restored crop of any size.
   * @throws KernelFailure('weights') when the parser is not installed
   */
  async parse(face: RgbImage, signal: AbortSignal): Promise<Labels> {
    await this.loadNetwork('parsenet', signal);
    return parseFace(face, async (x) => (await this.restorer.infer('parsenet', { x }))['out']!);
  }

  /**
   * A picture of twice the size, made by RealESRGAN in the reference's tiles.
   * @throws KernelFailure('weights') when it is not installed
   */
  async enlarge(image: RgbImage, signal: AbortSignal, onTile: (tile: number, tiles: number) => void): Promise<RgbImage> {
    await this.loadNetwork('rrdbnet', signal);
    return enlargePicture(image, async (x) => (await this.restorer.infer('rrdbnet', { x }))['out']!, { factor: 2, multiple: 2, ...referenceTiles, signal, onTile });
  }

  dispose(): void {
    this.restorer.dispose();
  }

  /** Loads one of the networks around the faces; the client knows whether it is loaded already. */
  private async loadNetwork(architecture: 'parsenet' | 'rrdbnet', signal: AbortSignal): Promise<void> {
    const size = { batch: 1, height: parsedSide, width: parsedSide, precision: 'fp32' as const, cacheFolder: cacheFolder(), signal };
    const ready = this.networks.get(architecture) ?? prepareRecognised(networkFile(architecture === 'parsenet' ? 'parsenet' : 'realesrgan'), architecture, size);
    this.networks.set(architecture, ready);
    try {
      await this.restorer.load(architecture, await ready);
    } catch (error) {
      this.networks.delete(architecture);                               // cancelled or mended meanwhile: the next one tries again
      throw error;
    }
  }

  private async loadModel({ description, folder }: InstalledModel, signal: AbortSignal): Promise<void> {
    const size = { batch: 1, height: description.faceSize, width: description.faceSize, precision: 'fp32' as const, cacheFolder: cacheFolder(), signal };
    for (const name of ['backbone', 'denoiser'] as const) await this.restorer.load(name, await prepareNetwork(folder, description[name], size));
  }
}
