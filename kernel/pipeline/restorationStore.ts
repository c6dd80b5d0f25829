import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePng, readPicture } from '../media/image.ts';
import { cacheFolder } from '../packageFolder.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import { fileIdentity, nameOf } from './fileIdentity.ts';
import type { Plan } from './plan.ts';

/** Raised whenever crops of the same plan would come out differently. */
const version = 1;

/**
 * The restored crops of one file under one plan, on disk, one lossless picture for each face of each frame. A restoration that was stopped, by a person or by a crash,
 * goes on where it was; faces can be left out, blended and exported without running a network again.
 */
export class RestorationStore {
  private readonly stored = new Set<string>();
  private static readonly open = new Map<string, Promise<RestorationStore>>();

  private constructor(readonly folder: string, private readonly size: number) {}

  /** The store of a file as it is now: a changed file, another model, method or seed have another one. */
  static async of(path: string, plan: Plan): Promise<RestorationStore> {
    const folder = join(root(), nameOf([version, await fileIdentity(path), await modelIdentity(plan), plan.method, plan.seed, plan.independentNoise]));
    const store = RestorationStore.open.get(folder) ?? RestorationStore.load(folder, plan.model?.description.faceSize ?? 512);
    RestorationStore.open.set(folder, store);
    return store;
  }

  /** Removes the stores used longest ago until the rest takes at most `limit` bytes. */
  static async trim(limit: number): Promise<void> {
    const stores = await Promise.all((await readdir(root()).catch(() => [])).map(async (name) => {
      const folder = join(root(), name);
      const files = await readdir(folder).catch(() => []);
      const sizes = await Promise.all(files.map((file) => stat(join(folder, file)).then(({ size }) => size, () => 0)));
      return { folder, used: (await stat(folder).catch(() => undefined))?.mtimeMs ?? 0, bytes: sizes.reduce((sum, size) => sum + size, 0) };
    }));
    let total = 0;
    for (const { folder, bytes } of stores.sort((a, b) => b.used - a.used)) {
      total += bytes;
      if (total <= limit) continue;
      RestorationStore.open.delete(folder);
      await rm(folder, { recursive: true, force: true });
    }
  }

  private static async load(folder: string, size: number): Promise<RestorationStore> {
    const store = new RestorationStore(folder, size);
    await mkdir(folder, { recursive: true });
    await utimes(folder, new Date(), new Date());
    for (const file of await readdir(folder)) {
      if (/^\d+-\d+\.png$/.test(file)) store.stored.add(file);
      else await rm(join(folder, file), { force: true });               // left by a writer that was ended
    }
    return store;
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

  async put(track: number, frame: number, crop: RgbImage): Promise<void> {
    const file = fileOf(track, frame);
    const temporary = join(this.folder, `${file}.${randomBytes(4).toString('hex')}`);
    await mkdir(this.folder, { recursive: true });
    await writeFile(temporary, await encodePng(crop));
    await rename(temporary, join(this.folder, file));
    this.stored.add(file);
  }

  /** Forgets everything. */
  async remove(): Promise<void> {
    RestorationStore.open.delete(this.folder);
    this.stored.clear();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function root(): string {
  return join(cacheFolder(), 'restorations');
}

function fileOf(track: number, frame: number): string {
  return `${track}-${frame}.png`;
}

async function modelIdentity({ model }: Plan): Promise<unknown> {
  if (!model) return 'identity';
  const { description, folder } = model;
  return [description, ...await Promise.all([description.backbone.file, description.denoiser.file].map((file) => fileIdentity(join(folder, file))))];
}
