import { conv2d, nearestUpsample, reflectPad } from '../nn/functional.ts';
import type { Value } from '../nn/value.ts';

/** Bytes that every WebGPU device lets a shader see as one buffer (`maxStorageBufferBindingSize`, WebGPU specification, section 3.6.2). */
export const bindable = 2 ** 27;

export interface StripedConv {
  /** Pixels are repeated so often in both directions first. */
  readonly factor: 1 | 2;
  readonly stride: 1 | 2;
  readonly weight: Value;
  readonly bias: Value;
  /** Bytes the enlarged and mirrored picture may have at once; `bindable` where absent. */
  readonly limit?: number;
}

/**
 * Convolution of kernel size 3 of x (B, C, H, W), enlarged by `factor` and mirrored by a pixel at its borders, and what comes after it: at once where the enlarged and mirrored picture is a
 * buffer that every device can bind, else in horizontal stripes, each from the rows it needs. The numbers are the same.
 * @param then pixel by pixel
 */
export function convolveMirrored(x: Value, { factor, stride, weight, bias, limit = bindable }: StripedConv, then: (convolved: Value) => Value): Value {
  const [batch, channels, height, width] = x.shape as readonly [number, number, number, number];
  const rows = height * factor;
  const rowBytes = batch * channels * (width * factor + 2) * (x.dtype === 'float16' ? 2 : 4);
  const convolve = (from: Value, top: number, bottom: number): Value => then(conv2d(reflectPad(from, bottom, 1, top, 1), weight, bias, { stride }));
  const enlarge = (from: Value): Value => (factor === 1 ? from : nearestUpsample(from, factor));
  if ((rows + 2) * rowBytes <= limit) return convolve(enlarge(x), 1, 1);

  const outRows = Math.floor((rows - 1) / stride) + 1;
  const atOnce = Math.floor(limit / rowBytes) - 4;                       // beside the row above and below, and whole pixels of the picture before it was enlarged
  const count = Math.min(Math.ceil(rows / Math.max(1, atOnce)), outRows);
  const stripes = Array.from({ length: count }, (_, i) => {
    const [first, end] = [Math.floor(outRows * i / count), Math.floor(outRows * (i + 1) / count)];
    const [from, to] = [first * stride - 1, (end - 1) * stride + 2];     // rows it needs of the enlarged picture, one above or below of which may be mirrored
    const [top, bottom] = [Math.max(0, -from), Math.max(0, to - rows)];
    const source = x.slice(2, Math.floor((from + top) / factor), Math.ceil((to - bottom) / factor));
    const enlarged = enlarge(source);
    const begin = (from + top) % factor;
    return convolve(enlarged.slice(2, begin, begin + to - bottom - (from + top)), top, bottom);
  });
  return concatRows(stripes);
}

function concatRows(stripes: readonly Value[]): Value {
  const [first] = stripes as readonly [Value, ...Value[]];
  const shape = first.shape.with(2, stripes.reduce((sum, stripe) => sum + stripe.extent(2), 0));
  return first.graph.emit('Concat', stripes, [{ dtype: first.dtype, shape }], { axis: { int: 2 } })[0]!;
}
