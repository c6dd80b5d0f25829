import { tensor, type Tensor } from './tensor.ts';

/**
 * Bicubic resampling with antialiasing, as torch's `interpolate(mode='bicubic', antialias=True, align_corners=False)`: Keys' kernel with a = -0.5,
 * widened by the scale when shrinking; width first, then height. Values may leave the input's range.
 * @param image (..., H, W)
 */
export function bicubicAntialias(image: Tensor, height: number, width: number): Tensor {
  const lead = image.shape.slice(0, -2);
  const [h, w] = image.shape.slice(-2) as [number, number];
  const planes = lead.reduce((product, extent) => product * extent, 1);
  const columns = filters(w, width);
  const rows = filters(h, height);
  const narrow = new Float32Array(planes * h * width);
  for (let r = 0; r < planes * h; r++) {
    for (let x = 0; x < width; x++) {
      const { first, weights } = columns[x]!;
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * image.data[r * w + first + k]!;
      narrow[r * width + x] = sum;
    }
  }
  const out = new Float32Array(planes * height * width);
  for (let p = 0; p < planes; p++) {
    for (let y = 0; y < height; y++) {
      const { first, weights } = rows[y]!;
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * narrow[(p * h + first + k) * width + x]!;
        out[(p * height + y) * width + x] = sum;
      }
    }
  }
  return tensor(out, [...lead, height, width]);
}

interface Filter {
  readonly first: number;
  readonly weights: Float64Array;
}

function filters(from: number, to: number): readonly Filter[] {
  const scale = from / to;
  const support = 2 * Math.max(scale, 1);
  const shrink = 1 / Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const centre = scale * (i + 0.5);
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const last = Math.min(Math.trunc(centre + support + 0.5), from);
    const weights = Float64Array.from({ length: last - first }, (_unused, k) => cubic((first + k - centre + 0.5) * shrink));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/** Keys 1981 with a = -0.5. */
function cubic(x: number): number {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}
