import { batchFor } from '../inference/batchSize.ts';
import { clearReason } from '../inference/clearReason.ts';
import { deviceName, type DeviceId, type Numbers, type PrecisionWish } from '../inference/device.ts';
import { chooseDevice, knownNumbers, type Choice } from '../inference/executionProviders.ts';
import { KernelFailure, messageOf } from '../failure.ts';
import { SharedLoads } from '../sharedLoads.ts';
import type { InstalledModel } from '../weights/catalog.ts';
import { Engine } from './engine.ts';
import { FaceDetector } from './faceDetector.ts';

/** A device that failed in the middle of work, and the one that could go on. */
export interface DeviceFailure {
  readonly device: string;
  /** For a person. */
  readonly reason: string;
  readonly next: string;
}

export interface EnginePoolOptions {
  readonly threads?: number;
  /** Most crops at once; by the device's memory where absent. */
  readonly batch?: number;
  /** The networks give way to everything else on the machine: for the editor, which must answer while they run. */
  readonly background?: boolean;
  /** Where those who only look at results take it that they were made; where the last work was done when absent. */
  readonly usualDevice?: string;
  readonly onDevice?: (choice: Choice & { readonly name: string }, batch: number) => void;
  /** Asked whether work goes on on another device; nobody agrees where absent. */
  readonly onDeviceFailure?: (failure: DeviceFailure) => Promise<boolean>;
  /** The choice itself, for tests. */
  readonly choose?: typeof chooseDevice;
}

/** In which numbers results are made, and in which those were that devices made before they failed. */
export interface ResultNumbers {
  readonly numbers: Numbers;
  readonly earlier: readonly Numbers[];
}

/** What failed for a wish before what is chosen now. */
interface Failures {
  readonly devices: readonly DeviceId[];
  readonly earlier: readonly Numbers[];
}

/** Whom work is done for: the model, `auto`, `cpu`, ... and the precision as a person wishes them. */
export interface EngineWish {
  readonly model: InstalledModel | undefined;
  readonly device: string;
  readonly precision: PrecisionWish | undefined;
}

/** Keeps the networks loaded between restorations: the detectors, and the model used last. */
export class EnginePool {
  private readonly choices = new SharedLoads<Choice>();
  private readonly failures = new Map<string, Failures>();
  private current: { readonly key: string; readonly engine: Promise<Engine> } | undefined;
  private lastDevice: string | undefined;
  private readonly known = new SharedLoads<Numbers>();
  private readonly told: string[] = [];
  readonly detector: FaceDetector;

  constructor(private readonly options: EnginePoolOptions = {}) {
    this.detector = new FaceDetector({ background: options.background === true, ...(options.threads === undefined ? {} : { threads: options.threads }) });
  }

  /** One sentence for each time that work went on on another device. */
  get fallbacks(): readonly string[] {
    return this.told;
  }

  /**
   * Does work on a device; where that fails in the middle, and only if that is agreed to, does it again on the next one. What the work has put away before, it finds again.
   * @param work gets the numbers its results are made in
   * @throws KernelFailure('device') when the device cannot be used, or failed and nobody agreed to another
   */
  async use<T>(wish: EngineWish, work: (engine: Engine, numbers: ResultNumbers) => Promise<T>): Promise<T> {
    for (;;) {
      const engine = await this.engine(wish);
      try {
        return await work(engine, { numbers: engine.numbers, earlier: this.failedBefore(keyOf(wish)).earlier });
      } catch (error) {
        if (!(error instanceof KernelFailure) || error.kind !== 'device' || !engine.failedWith(error)) throw error;
        if (!(await this.movedOn(wish, engine, error))) throw error;
      }
    }
  }

  /** @throws KernelFailure('device') when the device cannot be used, ('usage') when there is none of that name */
  async engine(wish: EngineWish): Promise<Engine> {
    const { model, device } = wish;
    this.lastDevice = device;
    const choice = await this.choices.get(keyOf(wish), () => this.choose(device, wish.precision));
    const key = JSON.stringify([model?.folder, model?.description.name, choice]);
    if (this.current?.key !== key) {
      const before = this.current;
      this.current = { key, engine: this.start(model, choice) };
      release(before);
    }
    const mine = this.current;
    try {
      return await mine.engine;
    } catch (error) {
      if (this.current === mine) this.current = undefined;
      throw error;
    }
  }

  /** The numbers of results for whoever looks at them without computing. No device is tried for that: what is unknown was never used. */
  async numbers(precision: PrecisionWish | undefined, device = this.options.usualDevice ?? this.lastDevice ?? 'auto'): Promise<ResultNumbers> {
    const key = keyOf({ device, precision });
    const choice = await this.choices.peek(key);
    if (!choice) return { numbers: await this.known.get(key, () => knownNumbers(device, precision)), earlier: [] };
    return { numbers: { provider: choice.device.provider, precision: choice.precision }, earlier: this.failedBefore(key).earlier };
  }

  /** Chooses again from now on: another device may work. */
  forget(): void {
    this.choices.forget();
    this.failures.clear();
    this.known.forget();
  }

  dispose(): void {
    this.detector.dispose();
    release(this.current);
    this.current = undefined;
  }

  private failedBefore(key: string): Failures {
    return this.failures.get(key) ?? { devices: [], earlier: [] };
  }

  private get choose(): typeof chooseDevice {
    return this.options.choose ?? chooseDevice;
  }

  private async movedOn(wish: EngineWish, engine: Engine, error: KernelFailure): Promise<boolean> {
    const key = keyOf(wish);
    const { devices, earlier } = this.failedBefore(key);
    const out = [...devices, engine.device];
    if (engine.device.provider === 'cpu' || !this.options.onDeviceFailure) return false;
    const next = await this.choose('auto', wish.precision, out);
    const [device, name, reason] = [deviceName(engine.device), deviceName(next.device), clearReason(messageOf(error))];
    if (!(await this.options.onDeviceFailure({ device, reason, next: name }))) return false;
    const why = `${device} failed (${reason}), and it was agreed to go on on ${name}`;
    this.told.push(why);
    this.choices.put(key, { ...next, reason: why });
    this.failures.set(key, { devices: out, earlier: [engine.numbers, ...earlier] });
    return true;
  }

  private async start(model: InstalledModel | undefined, choice: Choice): Promise<Engine> {
    const { threads, background, batch } = this.options;
    const most = batch ?? (model ? await batchFor(choice.device, choice.precision, model.description.faceSize) : 1);
    this.options.onDevice?.({ ...choice, name: deviceName(choice.device) }, most);
    return new Engine(choice, model, this.detector, { ...(threads === undefined ? {} : { threads }), background: background === true, batch: most });
  }
}

function keyOf({ device, precision }: Pick<EngineWish, 'device' | 'precision'>): string {
  return `${device} ${precision ?? 'auto'}`;
}

function release(current: { readonly engine: Promise<Engine> } | undefined): void {
  void current?.engine.then((engine) => {
    engine.dispose();
  }, () => undefined);
}
