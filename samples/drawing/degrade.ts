import sharp from 'sharp';
import type { RgbImage } from '../../kernel/tensor/rgbImage.ts';
import { Random } from './random.ts';

/**
 * How a picture is spoilt: y = upsample(JPEG(downsample(x * k) + n)), the model of blind face restoration (Yue and Loy 2024, eq. 22).
 * Lengths are in pixels of a 128 px face.
 */
export interface Degradation {
  /** Standard deviations of the Gaussian kernel along its axes, and its angle. */
  readonly blur: { readonly along: number; readonly across: number; readonly angle: number };
  readonly downsample: number;
  /** Standard deviation, 0..255. */
  readonly noise: number;
  /** JPEG quality, 1..100. */
  readonly quality: number;
}

interface Ranges {
  readonly blur: readonly [number, number];
  readonly downsample: readonly [number, number];
  readonly noise: readonly [number, number];
  readonly quality: readonly [number, number];
}

/**
 * Parts of the published ranges (512 px faces: sigma 0.1..15, r 0.8..32, noise 0..20, q 30..100), lengths divided by 4.
 * The two that are evaluated leave out the end where there is little to restore; all leave out the blur under which no face is left.
 */
export const severities = {
  moderate: { blur: [0.4, 1.6], downsample: [1.4, 2.8], noise: [8, 20], quality: [45, 90] },
  severe: { blur: [1.2, 3], downsample: [2.8, 5], noise: [10, 20], quality: [35, 75] },
  /** What the training adds: everything between a good picture and a severely spoilt one. */
  mixed: { blur: [0.3, 3], downsample: [1.2, 5], noise: [1, 20], quality: [35, 95] },
} as const satisfies Record<string, Ranges>;

export type Severity = keyof typeof severities;

export function drawDegradation(severity: Severity, seed: number): Degradation {
  const r = new Random(seed ^ 0xde67);
  const ranges = severities[severity];
  const along = r.uniform(...ranges.blur);
  return {
    blur: { along, across: r.chance(0.5) ? along : r.uniform(...ranges.blur), angle: r.uniform(0, Math.PI) },
    downsample: r.uniform(...ranges.downsample),
    noise: r.uniform(...ranges.noise),
    quality: Math.round(r.uniform(...ranges.quality)),
  };
}

/** The same look on faces that are `factor` times as large. */
export function enlarged(degradation: Degradation, factor: number): Degradation {
  const { blur, downsample } = degradation;
  return { ...degradation, blur: { ...blur, along: blur.along * factor, across: blur.across * factor }, downsample: downsample * factor };
}

/** Spoils a picture; the same degradation and noise seed give the same bytes. */
export async function degrade(image: RgbImage, degradation: Degradation, noiseSeed: number): Promise<RgbImage> {
  const { width, height } = image;
  const small = { width: Math.max(2, Math.round(width / degradation.downsample)), height: Math.max(2, Math.round(height / degradation.downsample)) };
  const blurred = blur(image, degradation.blur);
  const reduced = await sharp(blurred, { raw: { width, height, channels: 3 } }).resize(small.width, small.height, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer();
  const r = new Random(noiseSeed ^ 0x4015e);
  for (let i = 0; i < reduced.length; i++) reduced[i] = Math.min(255, Math.max(0, Math.round(reduced[i]! + r.normal(0, degradation.noise))));
  const jpeg = await sharp(reduced, { raw: { ...small, channels: 3 } }).jpeg({ quality: degradation.quality, chromaSubsampling: '4:2:0' }).toBuffer();
  const data = await sharp(jpeg).resize(width, height, { fit: 'fill', kernel: 'cubic' }).removeAlpha().raw().toBuffer();
  return { width, height, data: new Uint8Array(data) };
}

function blur(image: RgbImage, { along, across, angle }: Degradation['blur']): Uint8Array {
  const { width, height, data } = image;
  const reach = Math.ceil(3 * Math.max(along, across));
  const side = 2 * reach + 1;
  const kernel = new Float64Array(side * side);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  let sum = 0;
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const weight = Math.exp(-(((x * c + y * s) / along) ** 2 + ((y * c - x * s) / across) ** 2) / 2);
      kernel[(y + reach) * side + x + reach] = weight;
      sum += weight;
    }
  }
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [r, g, b] = [0, 0, 0];
      for (let j = -reach; j <= reach; j++) {
        const row = Math.min(height - 1, Math.max(0, y + j)) * width;
        for (let i = -reach; i <= reach; i++) {
          const weight = kernel[(j + reach) * side + i + reach]!;
          const p = 3 * (row + Math.min(width - 1, Math.max(0, x + i)));
          r += weight * data[p]!;
          g += weight * data[p + 1]!;
          b += weight * data[p + 2]!;
        }
      }
      const o = 3 * (y * width + x);
      out[o] = Math.round(r / sum);
      out[o + 1] = Math.round(g / sum);
      out[o + 2] = Math.round(b / sum);
    }
  }
  return out;
}
