import { conv2d, nearestUpsample } from './functional.ts';
import { parameterValue, type Conv2d } from './layers.ts';
import { Value } from './value.ts';

/** Which of the four pixels that one pixel becomes: row and column, 0 or 1 each. */
interface Phase {
  readonly row: 0 | 1;
  readonly column: 0 | 1;
}

const phases: readonly Phase[] = [{ row: 0, column: 0 }, { row: 0, column: 1 }, { row: 1, column: 0 }, { row: 1, column: 1 }];

/**
 * Convolution (kernel 3, padding 1) of x (B, C, H, W) with every pixel repeated in a square of two by two: (B, C', 2 H, 2 W).
 *
 * Three taps fall on two different pixels only, so that each of the four phases of the result is a convolution of x itself by two by two sums of taps: 4/9 of the multiplications
 * (Shi et al. 2016, "Is the deconvolution layer the same as a convolutional layer?", arXiv 1609.07009). For graphics cards it stays two nodes.
 */
export function upsampledConv(x: Value, layer: Conv2d): Value {
  const { padding = 0, stride = 1, groups = 1 } = layer.options;
  if (layer.kernelSize !== 3 || padding !== 1 || stride !== 1 || groups !== 1) throw new RangeError(`${layer.key} is no plain convolution of kernel 3 and padding 1`);
  if (x.graph.hardware === 'gpu') return layer.forward(nearestUpsample(x, 2));
  return x.graph.within(layer.key, () => {
    const bias = layer.bias && parameterValue(layer.bias, x);
    const parts = phases.map((phase) => conv2d(x, phaseWeight(x, layer, phase), bias, { padding: [1 - phase.row, 1 - phase.column, phase.row, phase.column] }));
    const [batch, , height, width] = x.shape as readonly [number, number, number, number];
    const all = Value.concat(parts, 1).reshape(batch, 2, 2, layer.outChannels * height * width);
    // two transpositions, each of one axis, take less than DepthToSpace, which is both at once
    const rows = all.transpose(0, 1, 3, 2).reshape(batch, 2, layer.outChannels * height, 2 * width);
    return rows.transpose(0, 2, 1, 3).reshape(batch, layer.outChannels, 2 * height, 2 * width);
  });
}

/** (C', C, 2, 2): the taps of the kernel that fall on the same pixel, added. */
function phaseWeight(x: Value, { weight: { key, shape } }: Conv2d, { row, column }: Phase): Value {
  const [outChannels, inChannels] = shape as readonly [number, number];
  return x.graph.weight({
    name: `${key}#phase${row}${column}`,
    dtype: x.dtype === 'float16' ? 'float16' : 'float32',
    shape: [outChannels, inChannels, 2, 2],
    sources: [key],
    compute: ([taps]) => {
      const sums = new Float32Array(outChannels * inChannels * 4);
      for (let filter = 0; filter < outChannels * inChannels; filter++) {
        for (let tap = 0; tap < 9; tap++) sums[4 * filter + 2 * pixelOf(Math.floor(tap / 3), row) + pixelOf(tap % 3, column)]! += taps![9 * filter + tap]!;
      }
      return sums;
    },
  });
}

/** On which of the two neighbours a tap falls: an even pixel sees the one before it once and its own twice, an odd one its own twice and the one behind it once. */
function pixelOf(tap: number, parity: 0 | 1): 0 | 1 {
  return tap > parity ? 1 : 0;
}
