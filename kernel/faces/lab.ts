/** CIE L*a*b* (CIE 15:2004) under D65, from and to sRGB (IEC 61966-2-1). */
export type Lab = [l: number, a: number, b: number];

/** XYZ of the D65 white. */
const white = [0.95047, 1, 1.08883] as const;

const linear = Float64Array.from({ length: 256 }, (_, level) => {
  const value = level / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** @param r, g, b whole numbers 0..255 */
export function toLab(r: number, g: number, b: number): Lab {
  const [lr, lg, lb] = [linear[r]!, linear[g]!, linear[b]!];
  const x = root((0.4124564 * lr + 0.3575761 * lg + 0.1804375 * lb) / white[0]);
  const y = root((0.2126729 * lr + 0.7151522 * lg + 0.072175 * lb) / white[1]);
  const z = root((0.0193339 * lr + 0.119192 * lg + 0.9503041 * lb) / white[2]);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Levels of sRGB, not rounded; beyond 0..255 where sRGB lacks the colour. */
export function fromLab([l, a, b]: Lab): readonly [number, number, number] {
  const fy = (l + 16) / 116;
  const [x, y, z] = [white[0] * cube(fy + a / 500), white[1] * cube(fy), white[2] * cube(fy - b / 200)];
  return [
    255 * encoded(3.2404542 * x - 1.5371385 * y - 0.4985314 * z),
    255 * encoded(-0.969266 * x + 1.8760108 * y + 0.041556 * z),
    255 * encoded(0.0556434 * x - 0.2040259 * y + 1.0572252 * z),
  ];
}

function root(t: number): number {
  return t > 216 / 24389 ? Math.cbrt(t) : (t * 24389 / 27 + 16) / 116;
}

function cube(f: number): number {
  return f > 6 / 29 ? f ** 3 : (116 * f - 16) * 27 / 24389;
}

function encoded(value: number): number {
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}
