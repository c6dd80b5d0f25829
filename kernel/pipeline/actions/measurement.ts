import { psnr, ssim } from '../../metrics/fidelity.ts';
import { ErrorChanges } from '../../metrics/flicker.ts';
import { highFrequencyPower } from '../../metrics/highFrequency.ts';
import type { Metric } from '../../recipe/actions.ts';
import { cutPicture } from '../../faces/cutPicture.ts';
import type { RgbImage } from '../../tensor/rgbImage.ts';

/** Detail finer than so many pixels counts as sharpness. */
export const sharpnessPeriod = 16;

/** A part of a frame that is measured: the crop of a face, or all of it. */
export interface MeasuredPart {
  /** The same from frame to frame. */
  readonly key: number;
  readonly image: RgbImage;
}

/** What measuring came to, of the metrics that were asked for. */
export interface Measured {
  /** undefined where nothing could be measured: flicker of one frame. Infinity: PSNR of equal pictures. */
  readonly values: Readonly<Partial<Record<Metric, number>>>;
  /** One value for each frame; null where the frame has none. */
  readonly perFrame: Readonly<Record<Metric, readonly (number | null)[]>>;
}

/** Measures a file part by part, frame by frame: only sums stay in memory. */
export class Measurement {
  private readonly sums = new Map<Metric, { sum: number; count: number; equal: number }>();
  private readonly changes = new Map<number, ErrorChanges>();
  private readonly perFrame: Record<Metric, (number | null)[]> = { psnr: [], ssim: [], sharpness: [], flicker: [] };

  constructor(private readonly metrics: readonly Metric[]) {}

  /** @param references the same parts of the reference's frame, where there is one */
  addFrame(parts: readonly MeasuredPart[], references?: readonly MeasuredPart[]): void {
    for (const metric of this.metrics) {
      const values = parts.map(({ key, image }, i) => this.measure(metric, key, image, references?.[i]?.image)).filter((value) => value !== undefined);
      this.perFrame[metric].push(this.told(metric, this.add({ sum: 0, count: 0, equal: 0 }, values)) ?? null);
      this.sums.set(metric, this.add(this.sums.get(metric) ?? { sum: 0, count: 0, equal: 0 }, values));
    }
  }

  get measured(): Measured {
    const values = [...this.sums].flatMap(([metric, sums]) => {
      const value = sums.count === 0 && sums.equal > 0 ? Infinity : this.told(metric, sums);
      return value === undefined ? [] : [[metric, value] as const];
    });
    return { values: Object.fromEntries(values), perFrame: this.perFrame };
  }

  /** Of flicker its mean square, which sums up. */
  private measure(metric: Metric, key: number, image: RgbImage, reference: RgbImage | undefined): number | undefined {
    if (metric === 'sharpness') return highFrequencyPower(middleSquare(image), sharpnessPeriod);
    if (!reference) return undefined;
    switch (metric) {
      case 'psnr':
        return psnr(image, reference);
      case 'ssim':
        return ssim(image, reference);
      case 'flicker': {
        const changes = this.changes.get(key) ?? new ErrorChanges();
        this.changes.set(key, changes);
        return changes.add(image, reference);
      }
      default:
        return metric satisfies never;
    }
  }

  /** Parts that are equal to the reference have no finite PSNR: the mean is of the others. */
  private add(sums: { readonly sum: number; readonly count: number; readonly equal: number }, values: readonly number[]): { sum: number; count: number; equal: number } {
    const finite = values.filter((value) => Number.isFinite(value));
    return { sum: finite.reduce((sum, value) => sum + value, sums.sum), count: sums.count + finite.length, equal: sums.equal + values.length - finite.length };
  }

  private told(metric: Metric, { sum, count }: { readonly sum: number; readonly count: number }): number | undefined {
    if (count === 0) return undefined;
    return metric === 'flicker' ? Math.sqrt(sum / count) : sum / count;
  }
}

/** The spectrum is that of a square; of a picture, its middle, of a side that is transformed fast. */
function middleSquare(image: RgbImage): RgbImage {
  const least = Math.min(image.width, image.height);
  const side = least < 64 ? least : least - (least % 64);
  if (image.width === side && image.height === side) return image;
  return cutPicture(image, { x: (image.width - side) >> 1, y: (image.height - side) >> 1, width: side, height: side });
}
