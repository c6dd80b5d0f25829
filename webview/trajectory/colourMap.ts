/** 256 colours as R, G, B bytes. */
export type ColourMap = Uint8Array;

const size = 256;

/** Negative is blue, positive red, and zero the theme's own side of grey; lightness goes evenly from zero to both ends. */
export function divergingMap(dark: boolean): ColourMap {
  const [middle, end] = dark ? [0.24, 0.82] : [0.96, 0.42];
  return mapOf((share) => {
    const signed = share * 2 - 1;
    const away = Math.abs(signed);
    return { lightness: middle + (end - middle) * away, chroma: (dark ? 0.15 : 0.17) * away ** 0.8, hue: signed < 0 ? 250 : 30 };
  });
}

/** From little (dark violet) to much (light yellow), evenly lighter. */
export function sequentialMap(): ColourMap {
  return mapOf((share) => ({ lightness: 0.15 + 0.8 * share, chroma: 0.03 + 0.13 * Math.sin(Math.PI * Math.min(1, share * 0.9 + 0.1)), hue: 300 + 155 * share }));
}

interface Oklch {
  /** 0 black .. 1 white */
  readonly lightness: number;
  readonly chroma: number;
  /** In degrees. */
  readonly hue: number;
}

function mapOf(colour: (share: number) => Oklch): ColourMap {
  const map = new Uint8Array(size * 3);
  for (let i = 0; i < size; i++) map.set(toRgb(colour(i / (size - 1))), i * 3);
  return map;
}

/** The nearest sRGB colour of the same lightness and hue: chroma gives way. */
function toRgb({ lightness, chroma, hue }: Oklch): readonly [number, number, number] {
  for (let less = chroma; ; less -= 0.005) {
    const linear = linearRgb(lightness, Math.max(0, less), hue);
    if (less <= 0 || linear.every((value) => value >= 0 && value <= 1)) {
      const [red, green, blue] = linear.map((value) => Math.round(255 * gammaOf(Math.min(1, Math.max(0, value)))));
      return [red!, green!, blue!];
    }
  }
}

/** OKLCH to linear sRGB (Ottosson 2020). */
function linearRgb(lightness: number, chroma: number, hue: number): readonly [number, number, number] {
  const [a, b] = [chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s, -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s];
}

function gammaOf(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}
