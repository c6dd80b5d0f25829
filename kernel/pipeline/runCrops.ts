import type { Engine } from './engine.ts';
import { FaceStores } from './faceStores.ts';
import type { Plan } from './plan.ts';
import { DispensableStore, type CropStore } from './restorationStore.ts';

/** What is restored, how, and whether the crops stay in the store when the result is written. */
interface Run {
  readonly input: string;
  readonly plan: Plan;
  readonly engine: Pick<Engine, 'afresh'>;
  readonly keepCrops: boolean;
}

/** The crops of a file that is being restored into a result: a run that was stopped, or whose device failed, goes on with them. */
export class RunCrops {
  readonly store: CropStore;
  private readonly dispensable: DispensableStore;

  private constructor(private readonly stores: FaceStores, private readonly letGo: () => void, private readonly keep: boolean) {
    this.store = this.dispensable = new DispensableStore(stores);
  }

  /**
   * @param enlarged how many times the picture is enlarged before faces are cut from it
   * @returns undefined where nothing is kept: nothing is computed, or all is to be computed anew
   */
  static async of({ input, plan, engine, keepCrops }: Run, enlarged = 1): Promise<RunCrops | undefined> {
    if (plan.method.kind === 'identity' || engine.afresh) return undefined;
    const stores = await FaceStores.of(input, plan, enlarged);
    return new RunCrops(stores, stores.hold(), keepCrops);
  }

  /** What a person should know: that a run that is stopped will begin anew. */
  get notes(): readonly string[] {
    return this.dispensable.notes;
  }

  /** The kinds of devices that failed, of which crops were taken. */
  get earlierDevices(): readonly string[] {
    return this.stores.earlierDevices;
  }

  /** The result is written: the crops go, unless they are to stay. */
  async done(): Promise<void> {
    this.close();
    if (!this.keep) await this.stores.remove();
  }

  /** Nothing keeps the crops from being trimmed any more. */
  close(): void {
    this.letGo();
  }
}
