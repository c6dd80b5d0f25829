import type { RgbImage } from '../tensor/rgbImage.ts';
import { roundHalfEven } from '../tensor/rounding.ts';
import { gaussianBlur, type FloatPlane } from './filters.ts';
import { fromLab, toLab } from './lab.ts';
import { resizeLinear } from './resize.ts';

/** Colours that drift are broad: they are measured on crops of this side at most, blurred with this deviation. */
const measuredSide = 64;
const blur = { size: 17, sigma: 4 };
/** The spread of the colours is not changed by more than this factor: where the degraded face is flat, the restored one need not be. */
const largestGain = 1.25;

/**
 * Gives a restored crop the colours the face has in the picture: mean and spread of the low frequencies of L*, a* and b* around the centre of the crop become those of the
 * crop it was made from (Reinhard et al. 2001, "Color transfer between images", of low frequencies alone). Details keep what the networks gave them.
 * @param original the crop before restoration, of the same size
 */
export function matchColours(restored: RgbImage, original: RgbImage): RgbImage {
  const { width, height, data } = restored;
  const [from, to] = [lowFrequencies(restored), lowFrequencies(original)];
  const corrections = from.map((plane, channel) => {
    const [before, wanted] = [momentsOf(plane), momentsOf(to[channel]!)];
    const gain = before.deviation < 1e-3 ? 1 : Math.min(largestGain, Math.max(1 / largestGain, wanted.deviation / before.deviation));
    return { plane, gain, before: before.mean, wanted: wanted.mean };
  });
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = 3 * (y * width + x);
      const lab = toLab(data[i]!, data[i + 1]!, data[i + 2]!);
      for (const [channel, { plane, gain, before, wanted }] of corrections.entries()) {
        lab[channel]! += wanted - before + (gain - 1) * (sampled(plane, (x + 0.5) / width, (y + 0.5) / height) - before);
      }
      const rgb = fromLab(lab);
      for (let c = 0; c < 3; c++) out[i + c] = roundHalfEven(Math.min(255, Math.max(0, rgb[c]!)));
    }
  }
  return { width, height, data: out };
}

function lowFrequencies(crop: RgbImage): readonly FloatPlane[] {
  const small = shrunk(crop);
  const planes = [0, 1, 2].map(() => new Float64Array(small.width * small.height));
  for (let i = 0; i < small.width * small.height; i++) for (const [c, value] of toLab(small.data[3 * i]!, small.data[3 * i + 1]!, small.data[3 * i + 2]!).entries()) planes[c]![i] = value;
  return planes.map((data) => gaussianBlur({ data, width: small.width, height: small.height }, blur.size, blur.sigma));
}

/** Halved until it is small enough: linear resampling by halves takes every pixel in. */
function shrunk(crop: RgbImage): RgbImage {
  let small = crop;
  while (Math.max(small.width, small.height) > measuredSide) small = resizeLinear(small, Math.max(1, Math.ceil(small.width / 2)), Math.max(1, Math.ceil(small.height / 2)));
  return small;
}

/** Weighed with a bell around the centre: the face, little of what is behind it. */
function momentsOf({ data, width, height }: FloatPlane): { readonly mean: number; readonly deviation: number } {
  let [total, sum, squares] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const weight = Math.exp(-(((x + 0.5) / width - 0.5) ** 2 + ((y + 0.5) / height - 0.55) ** 2) / (2 * 0.18 ** 2));
      const value = data[y * width + x]!;
      total += weight;
      sum += weight * value;
      squares += weight * value * value;
    }
  }
  const mean = sum / total;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / total - mean * mean)) };
}

/** Between four pixels of a plane. @param u, v 0..1 across and down */
function sampled({ data, width, height }: FloatPlane, u: number, v: number): number {
  const x = Math.min(width - 1, Math.max(0, u * width - 0.5));
  const y = Math.min(height - 1, Math.max(0, v * height - 0.5));
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
  const [fx, fy] = [x - x0, y - y0];
  const row = (at: number): number => data[at * width + x0]! * (1 - fx) + data[at * width + x1]! * fx;
  return row(y0) * (1 - fy) + row(y1) * fy;
}
