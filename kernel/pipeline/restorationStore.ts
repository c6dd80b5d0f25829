import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Turn } from '../diffusion/walk.ts';
import { parsedSide, type Labels } from '../faces/mask.ts';
import { KernelFailure, messageOf } from '../failure.ts';
import { replaceFile } from '../media/atomicFile.ts';
import { encodePng, readPicture } from '../media/image.ts';
import { trimFolders } from '../media/trimFolders.ts';
import { cacheFolder } from '../packageFolder.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { fileIdentity, nameOf } from './fileIdentity.ts';
import { detectorIdentity, modelIdentity, type Plan } from './plan.ts';

/** Raised whenever crops of the same plan would come out differently. */
const version = 3;
/** Older than this, a file in the making has no writer any more. */
const abandonedAfter = 3_600_000;

/** Where restored crops are kept. */
export interface CropStore {
  /** All that pasting needs is there. */
  has(track: number, frame: number): boolean;
  /** @returns undefined where nothing is stored */
  crop(track: number, frame: number): Promise<RgbImage | undefined>;
  put(track: number, frame: number, crop: RgbImage): Promise<void>;
  /** What the face parser saw in a crop. @returns undefined where nothing is stored */
  labels(track: number, frame: number): Promise<Labels | undefined>;
  putLabels(track: number, frame: number, labels: Labels): Promise<void>;
}

/**
 * The restored crops of one file under one plan, on disk, one lossless picture for each face of each frame. A restoration that was stopped, by a person or by a crash,
 * goes on where it was; faces can be left out, blended and exported without running a network again. Several processes may use one store: a crop appears whole or not at
 * all, and one that another process removed is made again.
 */
export class RestorationStore implements CropStore {
  private readonly stored = new Set<string>();
  private loaded: Promise<void> | undefined;
  private holders = 0;
  /** One for each folder for as long as the process lives: what is removed is seen by all who use it. */
  private static readonly open = new Map<string, RestorationStore>();

  private constructor(readonly folder: string, private readonly size: number) {}

  /** The store of a file as it is now: a changed file, another model, detector, method, seed or turn have another one, and so do faces that are cut from the enlarged picture. What cannot be read counts as not stored. */
  static async of(path: string, plan: Plan, turns: readonly Turn[], enlarged = 1): Promise<RestorationStore> {
    const { detector, method, seed, independentNoise, blend } = plan;
    const folder = join(root(), nameOf([version, await fileIdentity(path), await modelIdentity(plan), await detectorIdentity(detector), method, seed, independentNoise, blend, turns, ...(enlarged === 1 ? [] : [enlarged])]));
    const store = RestorationStore.open.get(folder) ?? new RestorationStore(folder, plan.model?.description.faceSize ?? 512);
    RestorationStore.open.set(folder, store);
    store.loaded ??= store.load();
    await store.loaded;
    await utimes(folder, new Date(), new Date()).catch(() => {
      store.stored.clear();                                             // another process has removed it
      store.loaded = undefined;
    });
    return store;
  }

  /** Removes the stores used longest ago until the rest takes at most `limit` bytes. */
  static trim(limit: number): Promise<void> {
    return trimFolders(root(), {
      limit,
      inUse: (folder) => (RestorationStore.open.get(folder)?.holders ?? 0) > 0,
      remove: async (folder) => {
        RestorationStore.open.get(folder)?.stored.clear();
        await rm(folder, removal);
      },
    });
  }

  /** Keeps the store from being removed. @returns what lets it go again */
  hold(): () => void {
    this.holders++;
    let held = true;
    return () => {
      if (held) this.holders--;
      held = false;
    };
  }

  /**
   * Finds out whether crops can be kept before hours of work go into them.
   * @throws KernelFailure('output') when they cannot
   */
  async prepare(): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
      const probe = join(this.folder, `${randomBytes(4).toString('hex')}.probe`);
      await writeFile(probe, '');
      await rm(probe, { force: true });
    } catch (error) {
      throw notKept(error);
    }
  }

  has(track: number, frame: number): boolean {
    return this.stored.has(fileOf(track, frame));
  }

  /** @returns undefined where nothing is stored; what is damaged is forgotten */
  async crop(track: number, frame: number): Promise<RgbImage | undefined> {
    const file = fileOf(track, frame);
    if (!this.stored.has(file)) return undefined;
    try {
      const image = (await readPicture(join(this.folder, file))).view;
      if (image.width === this.size && image.height === this.size) return image;
    } catch {
      // cut off or deleted: it will be made again
    }
    this.stored.delete(file);
    return undefined;
  }

  /** @throws KernelFailure('output') when it cannot be kept */
  put(track: number, frame: number, crop: RgbImage): Promise<void> {
    return this.keep(fileOf(track, frame), crop);
  }

  hasLabels(track: number, frame: number): boolean {
    return this.stored.has(labelsFileOf(track, frame));
  }

  async labels(track: number, frame: number): Promise<Labels | undefined> {
    const file = labelsFileOf(track, frame);
    if (!this.stored.has(file)) return undefined;
    try {
      const { data } = (await readPicture(join(this.folder, file))).view;
      const labels = Uint8Array.from({ length: data.length / 3 }, (_, i) => data[3 * i]!);
      if (labels.length === parsedSide ** 2) return labels;
    } catch {
      // cut off or deleted: they will be told again
    }
    this.stored.delete(file);
    return undefined;
  }

  putLabels(track: number, frame: number, labels: Labels): Promise<void> {
    const data = new Uint8Array(3 * labels.length);
    for (const [i, label] of labels.entries()) data.fill(label, 3 * i, 3 * i + 3);
    return this.keep(labelsFileOf(track, frame), { width: parsedSide, height: parsedSide, data });
  }

  private async keep(file: string, picture: RgbImage): Promise<void> {
    const bytes = await encodePng(picture);
    try {
      // the folder may go at any moment, removed by another process that is done with the same file
      await this.write(file, bytes).catch(async (error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
        await this.write(file, bytes);
      });
    } catch (error) {
      throw notKept(error);
    }
    this.stored.add(file);
  }

  /** Forgets everything, unless somebody else holds it. What cannot be removed is left to `trim`. */
  async remove(): Promise<void> {
    if (this.holders > 0) return;
    this.stored.clear();
    await rm(this.folder, removal).catch(() => undefined);
  }

  private async load(): Promise<void> {
    for (const file of await readdir(this.folder).catch(() => [])) {
      if (/^\d+-\d+(\.labels)?\.png$/.test(file)) this.stored.add(file);
      else {
        const path = join(this.folder, file);
        const written = await stat(path).then(({ mtimeMs }) => mtimeMs, () => Infinity);
        if (Date.now() - written > abandonedAfter) await rm(path, { force: true }).catch(() => undefined);   // left by a writer that was ended
      }
    }
  }

  private async write(file: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await replaceFile(join(this.folder, file), bytes);
  }
}

/** A store for a run whose result is a file: when crops cannot be kept the run goes on without. */
export class DispensableStore implements CropStore {
  private failure: KernelFailure | undefined;

  constructor(private readonly store: CropStore) {}

  /** What a person should know: that a run that is stopped will begin anew. */
  get notes(): readonly string[] {
    return this.failure ? [this.failure.message] : [];
  }

  has(track: number, frame: number): boolean {
    return this.store.has(track, frame);
  }

  crop(track: number, frame: number): Promise<RgbImage | undefined> {
    return this.store.crop(track, frame);
  }

  put(track: number, frame: number, crop: RgbImage): Promise<void> {
    return this.trying(() => this.store.put(track, frame, crop));
  }

  labels(track: number, frame: number): Promise<Labels | undefined> {
    return this.store.labels(track, frame);
  }

  putLabels(track: number, frame: number, labels: Labels): Promise<void> {
    return this.trying(() => this.store.putLabels(track, frame, labels));
  }

  private async trying(keep: () => Promise<void>): Promise<void> {
    if (this.failure) return;
    try {
      await keep();
    } catch (error) {
      if (!(error instanceof KernelFailure)) throw error;
      this.failure = error;
    }
  }
}

/** Another process may write into it meanwhile. */
const removal = { recursive: true, force: true, maxRetries: 4, retryDelay: 50 } as const;

function notKept(error: unknown): KernelFailure {
  return new KernelFailure('output', `restored faces cannot be kept in the cache folder ${cacheFolder()} (${messageOf(error)}); make room there, or let DIFFACE_CACHE name another folder`, { cause: error });
}

function root(): string {
  return join(cacheFolder(), 'restorations');
}

function labelsFileOf(track: number, frame: number): string {
  return `${track}-${frame}.labels.png`;
}

function fileOf(track: number, frame: number): string {
  return `${track}-${frame}.png`;
}
