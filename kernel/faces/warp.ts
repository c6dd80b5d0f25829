import { roundHalfEven } from '../tensor/rounding.ts';

/** Rows of a 2x3 affine matrix: x' = m0 x + m1 y + m2, y' = m3 x + m4 y + m5. */
export type Affine = readonly [number, number, number, number, number, number];

/** Interleaved samples of a plane or picture. */
export interface Plane<D extends Uint8Array | Uint16Array | Float32Array | Float64Array> {
  readonly data: D;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** A part of the target, in its pixels. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * `warpAffine` of OpenCV 4.6 with linear interpolation: coordinates on a grid of 1/32 px, integer weights for 8-bit samples. Bit-exact for uint8 and float.
 * @param matrix from source to target
 * @param region the part of the target that is wanted
 * @param border value of each channel outside the source
 * @returns samples of the region
 */
export function warpAffine<D extends Uint8Array | Uint16Array | Float32Array | Float64Array>(source: Plane<D>, matrix: Affine, region: Region, border: readonly number[]): D {
  const { data, width, height, channels } = source;
  const [m0, m1, m2, m3, m4, m5] = matrix;
  const d = 1 / (m0 * m4 - m1 * m3);
  const [i00, i01, i10, i11] = [m4 * d, -m1 * d, -m3 * d, m0 * d];
  const b0 = -i00 * m2 - i01 * m5;
  const b1 = -i10 * m2 - i11 * m5;
  const exact = data instanceof Uint8Array;
  const out = new (data.constructor as new (length: number) => D)(region.width * region.height * channels);
  for (let j = 0; j < region.height; j++) {
    const y = region.y + j;
    const x0 = roundHalfEven((i01 * y + b0) * 1024) + 16;
    const y0 = roundHalfEven((i11 * y + b1) * 1024) + 16;
    for (let i = 0; i < region.width; i++) {
      const x = region.x + i;
      const fixedX = (x0 + roundHalfEven(i00 * x * 1024)) >> 5;
      const fixedY = (y0 + roundHalfEven(i10 * x * 1024)) >> 5;
      const sx = fixedX >> 5;
      const sy = fixedY >> 5;
      const fx = fixedX & 31;
      const fy = fixedY & 31;
      const to = (j * region.width + i) * channels;
      const w00 = (32 - fx) * (32 - fy), w01 = fx * (32 - fy), w10 = (32 - fx) * fy, w11 = fx * fy;
      const left = sx >= 0 && sx < width, right = sx >= -1 && sx < width - 1, up = sy >= 0 && sy < height, down = sy >= -1 && sy < height - 1;
      const at = (sy * width + sx) * channels;
      for (let c = 0; c < channels; c++) {
        const v00 = left && up ? data[at + c]! : border[c]!;
        const v01 = right && up ? data[at + channels + c]! : border[c]!;
        const v10 = left && down ? data[at + width * channels + c]! : border[c]!;
        const v11 = right && down ? data[at + (width + 1) * channels + c]! : border[c]!;
        const sum = v00 * w00 + v01 * w01 + v10 * w10 + v11 * w11;
        out[to + c] = exact ? (sum * 32 + 16384) >> 15 : sum / 1024;
      }
    }
  }
  return out;
}
