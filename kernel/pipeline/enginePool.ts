import { chooseDevice, type Device } from '../inference/executionProviders.ts';
import type { InstalledModel } from '../weights/catalog.ts';
import { Engine } from './engine.ts';
import { FaceDetector } from './faceDetector.ts';

export interface EnginePoolOptions {
  readonly threads?: number;
  /** The networks give way to everything else on the machine: for the editor, which must answer while they run. */
  readonly background?: boolean;
  readonly onDevice?: (device: Device) => void;
}

/** Keeps the networks loaded between restorations: the detectors, and the model used last. */
export class EnginePool {
  private readonly devices = new Map<string, Promise<Device>>();
  private current: { readonly key: string; readonly engine: Promise<Engine> } | undefined;
  readonly detector: FaceDetector;

  constructor(private readonly options: EnginePoolOptions = {}) {
    this.detector = new FaceDetector({ background: options.background === true, ...(options.threads === undefined ? {} : { threads: options.threads }) });
  }

  /** @throws KernelFailure('device') when the device cannot be used, ('usage') when there is none of that name */
  async engine(model: InstalledModel | undefined, device: string): Promise<Engine> {
    const key = JSON.stringify([model?.folder, model?.description.name, device]);
    if (this.current?.key !== key) {
      const before = this.current;
      this.current = { key, engine: this.start(model, device) };
      void before?.engine.then((engine) => {
        engine.dispose();
      }, () => undefined);
    }
    const { engine } = this.current;
    try {
      return await engine;
    } catch (error) {
      this.current = undefined;
      throw error;
    }
  }

  dispose(): void {
    this.detector.dispose();
    void this.current?.engine.then((engine) => {
      engine.dispose();
    }, () => undefined);
    this.current = undefined;
  }

  private async start(model: InstalledModel | undefined, wish: string): Promise<Engine> {
    const { threads, background } = this.options;
    const device = this.devices.get(wish) ?? chooseDevice(wish);
    this.devices.set(wish, device);
    device.catch(() => this.devices.delete(wish));
    this.options.onDevice?.(await device);
    return new Engine(await device, model, this.detector, { ...(threads === undefined ? {} : { threads }), background: background === true });
  }
}
