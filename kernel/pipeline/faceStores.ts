import type { Labels } from '../faces/mask.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { turnsOf, type Plan } from './plan.ts';
import { RestorationStore, type CropStore } from './restorationStore.ts';

/** The stores of one file under one plan: a face whose walk takes turns has one of its own. */
export class FaceStores implements CropStore {
  private constructor(private readonly plan: Plan, private readonly trunk: RestorationStore, private readonly branches: ReadonlyMap<number, RestorationStore>) {}

  static async of(path: string, plan: Plan): Promise<FaceStores> {
    const branches = await Promise.all(plan.branches.map(async ({ face, turns }) => [face - 1, await RestorationStore.of(path, plan, turns)] as const));
    return new FaceStores(plan, await RestorationStore.of(path, plan, []), new Map(branches));
  }

  get all(): readonly RestorationStore[] {
    return [this.trunk, ...this.branches.values()];
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
    for (const store of this.all) await store.prepare();
  }

  async remove(): Promise<void> {
    for (const store of this.all) await store.remove();
  }

  has(track: number, frame: number): boolean {
    if (!this.of(track).has(track, frame)) return false;
    return this.plan.pasting.mask !== 'parsing' || this.of(track).hasLabels(track, frame) || this.trunk.hasLabels(track, frame);
  }

  crop(track: number, frame: number): Promise<RgbImage | undefined> {
    return this.of(track).crop(track, frame);
  }

  put(track: number, frame: number, crop: RgbImage): Promise<void> {
    return this.of(track).put(track, frame, crop);
  }

  /** A branch that was walked elsewhere has none of its own: the face has the same outline in the trunk. */
  async labels(track: number, frame: number): Promise<Labels | undefined> {
    return (await this.of(track).labels(track, frame)) ?? this.trunk.labels(track, frame);
  }

  putLabels(track: number, frame: number, labels: Labels): Promise<void> {
    return this.of(track).putLabels(track, frame, labels);
  }

  private of(track: number): RestorationStore {
    return (turnsOf(this.plan, track).length > 0 ? this.branches.get(track) : undefined) ?? this.trunk;
  }
}
