import type { Labels } from '../faces/mask.ts';
import type { RgbImage } from '../tensor/rgbImage.ts';
import type { CropStore } from './restorationStore.ts';

/** The restored faces of one picture for as long as it is in work. */
export class MemoryCrops implements CropStore {
  private readonly crops = new Map<string, RgbImage>();
  private readonly parts = new Map<string, Labels>();
  private readonly makers = new Set<string>();
  private maker = '';

  /** @param device that makes what is put from now on */
  goOnWith(device: string): void {
    this.maker = device;
  }

  /** The devices that made some of it before the one that makes the rest. */
  get earlierDevices(): readonly string[] {
    return [...this.makers].filter((device) => device !== this.maker);
  }

  has(track: number, frame: number): boolean {
    return this.crops.has(`${track} ${frame}`);
  }

  crop(track: number, frame: number): Promise<RgbImage | undefined> {
    return Promise.resolve(this.crops.get(`${track} ${frame}`));
  }

  put(track: number, frame: number, crop: RgbImage): Promise<void> {
    this.crops.set(`${track} ${frame}`, crop);
    this.makers.add(this.maker);
    return Promise.resolve();
  }

  labels(track: number, frame: number): Promise<Labels | undefined> {
    return Promise.resolve(this.parts.get(`${track} ${frame}`));
  }

  putLabels(track: number, frame: number, labels: Labels): Promise<void> {
    this.parts.set(`${track} ${frame}`, labels);
    return Promise.resolve();
  }
}
