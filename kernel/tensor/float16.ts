/**
 * Rounds to IEEE 754 binary16 (to nearest, ties to even), as bit patterns. Beyond ±65504 (after rounding) comes infinity;
 * NaN stays NaN.
 */
export function toFloat16(values: Float32Array, target = new Uint16Array(values.length)): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) {
    const sign = (bits[i]! >>> 16) & 0x8000;
    const magnitude = bits[i]! & 0x7fff_ffff;
    let half: number;
    if (magnitude >= 0x4780_0000) {                                    // 65536 and above, infinity, NaN
      half = magnitude > 0x7f80_0000 ? 0x7e00 : 0x7c00;
    } else if (magnitude >= 0x3880_0000) {                             // normal halves: rebias the exponent by 112, drop 13 bits
      half = (magnitude - 0x3800_0000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
    } else if (magnitude > 0x3300_0000) {                              // subnormal halves: multiples of 2^-24
      const shift = 126 - (magnitude >>> 23);
      const mantissa = (magnitude & 0x7f_ffff) | 0x80_0000;
      const floor = mantissa >>> shift;
      const rest = mantissa & ((1 << shift) - 1);
      const middle = 1 << (shift - 1);
      half = floor + (rest > middle || (rest === middle && (floor & 1) === 1) ? 1 : 0);
    } else {
      half = 0;                                                        // at most 2^-25: rounds to zero
    }
    target[i] = sign | half;
  }
  return target;
}

/** Widens binary16 bit patterns to float32, exactly. */
export function fromFloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >>> 10) & 0x1f;
    const mantissa = half & 0x3ff;
    if (exponent === 0) values[i] = sign * mantissa * 2 ** -24;
    else if (exponent === 31) values[i] = mantissa === 0 ? sign * Infinity : NaN;
    else values[i] = sign * (1024 + mantissa) * powers[exponent]!;
  }
  return values;
}

/** 2^(exponent - 25): weight of the last mantissa bit of a normal half. */
const powers = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (exponent - 25));
