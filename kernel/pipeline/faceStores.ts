import type { Labels } from '../faces/mask.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { turnsOf, type Plan } from './plan.ts';
import { RestorationStore, type CropStore } from './restorationStore.ts';

/** The stores of one file under one plan: a face whose walk takes turns has one of its own. */
export class FaceStores implements CropStore {
  private readonly served = new Set<string>();

  private constructor(private readonly plan: Plan, private readonly trunk: RestorationStore, private readonly branches: ReadonlyMap<number, RestorationStore>, private readonly earlier: readonly FaceStores[]) {}

  /** @param enlarged how many times the file's picture is enlarged before faces are cut from it */
  static async of(path: string, plan: Plan, enlarged = 1): Promise<FaceStores> {
    const branches = await Promise.all(plan.branches.map(async ({ face, turns }) => [face - 1, await RestorationStore.of(path, plan, turns, enlarged)] as const));
    // what was made before a device failed lies under the numbers of that device
    const earlier = await Promise.all(plan.earlier.map((numbers) => FaceStores.of(path, { ...plan, numbers, earlier: [] }, enlarged)));
    return new FaceStores(plan, await RestorationStore.of(path, plan, [], enlarged), new Map(branches), earlier);
  }

  get all(): readonly RestorationStore[] {
    return [...this.own, ...this.earlier.flatMap(({ all }) => all)];
  }

  private get own(): readonly RestorationStore[] {
    return [this.trunk, ...this.branches.values()];
  }

  /** The kinds of devices that failed, of which crops were taken. */
  get earlierDevices(): readonly string[] {
    return [...this.served];
  }

  /** Keeps them from being removed. @returns what lets them go again */
  hold(): () => void {
    const lettingGo = this.all.map((store) => store.hold());
    return () => {
      for (const letGo of lettingGo) letGo();
    };
  }

  /** @throws KernelFailure('output') when crops cannot be kept */
  async prepare(): Promise<void> {
    for (const store of this.own) await store.prepare();
  }

  async remove(): Promise<void> {
    for (const store of this.all) await store.remove();
  }

  has(track: number, frame: number): boolean {
    const own = this.of(track);
    if (!own.has(track, frame)) return this.earlier.some((store) => store.has(track, frame));
    return this.plan.pasting.mask !== 'parsing' || own.hasLabels(track, frame) || this.trunk.hasLabels(track, frame);
  }

  async crop(track: number, frame: number): Promise<RgbImage | undefined> {
    const own = await this.of(track).crop(track, frame);
    if (own) return own;
    for (const store of this.earlier) {
      const crop = await store.crop(track, frame);
      if (!crop) continue;
      this.served.add(store.plan.numbers.provider);
      return crop;
    }
    return undefined;
  }

  put(track: number, frame: number, crop: RgbImage): Promise<void> {
    return this.of(track).put(track, frame, crop);
  }

  /** A branch that was walked elsewhere has none of its own: the face has the same outline in the trunk. */
  async labels(track: number, frame: number): Promise<Labels | undefined> {
    for (const store of [this.of(track), this.trunk, ...this.earlier]) {
      const labels = await store.labels(track, frame);
      if (labels) return labels;
    }
    return undefined;
  }

  putLabels(track: number, frame: number, labels: Labels): Promise<void> {
    return this.of(track).putLabels(track, frame, labels);
  }

  private of(track: number): RestorationStore {
    return (turnsOf(this.plan, track).length > 0 ? this.branches.get(track) : undefined) ?? this.trunk;
  }
}
