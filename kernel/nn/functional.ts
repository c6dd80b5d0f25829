import type { Layer } from './module.ts';
import type { Value } from './value.ts';

export interface Conv2dOptions {
  readonly stride?: number;
  /** Zeros on every side, or [top, left, bottom, right]. */
  readonly padding?: number | readonly [number, number, number, number];
  /** Groups of channels that do not see each other; 1 where absent. */
  readonly groups?: number;
}

/** Convolution of x (B, C, H, W) with weight (C', C / groups, k, k) and bias (C'). */
export function conv2d(x: Value, weight: Value, bias: Value | undefined, { stride = 1, padding = 0, groups = 1 }: Conv2dOptions = {}): Value {
  const [batch, channels, height, width] = picture(x);
  const [outChannels, inChannels, kernelHeight, kernelWidth] = picture(weight);
  if (channels !== inChannels * groups) throw new RangeError(`${weight.name} takes ${inChannels * groups} channels, not ${channels}`);
  const pads = typeof padding === 'number' ? [padding, padding, padding, padding] as const : padding;
  const [top, left, bottom, right] = pads;
  const shape = [
    batch, outChannels,
    Math.floor((height + top + bottom - kernelHeight) / stride) + 1,
    Math.floor((width + left + right - kernelWidth) / stride) + 1,
  ];
  const grouped = groups === 1 ? {} : { group: { int: groups } };
  const attributes = { kernel_shape: { ints: [kernelHeight, kernelWidth] }, pads: { ints: pads }, strides: { ints: [stride, stride] }, ...grouped };
  return x.graph.emit('Conv', [x, weight, bias], [{ dtype: x.dtype, shape }], attributes)[0]!;
}

export const identity: Layer = { forward: (x) => x };
/** Inactive when restoring. */
export const dropout: Layer = identity;
/** x sigmoid(x). */
export const silu: Layer = { forward: (x) => x.mul(x.apply('Sigmoid')) };
/** x Phi(x) with the exact Gaussian distribution function; the runtime recognises these nodes. */
export const gelu: Layer = { forward: (x) => x.mul(x.div(Math.SQRT2).apply('Erf').add(1)).mul(0.5) };
export const relu: Layer = { forward: (x) => x.apply('Relu') };
export const leakyRelu = (negativeSlope: number): Layer => ({ forward: (x) => x.leakyRelu(negativeSlope) });

/** (B, C, H r, W r) -> (B, C r r, H, W); channel c r r + dy r + dx is pixel (dy, dx) of each cell. */
export const pixelUnshuffle = (r: number): Layer => ({
  forward: (x) => {
    const [batch, channels, height, width] = picture(x);
    return x.reshape(batch, channels, height / r, r, width / r, r).transpose(0, 1, 3, 5, 2, 4).reshape(batch, channels * r * r, height / r, width / r);
  },
});

/** Repeats every pixel in a square of `factor` by `factor`. */
export function nearestUpsample(x: Value, factor: number): Value {
  const [batch, channels, height, width] = picture(x);
  const scales = x.graph.constant({ dtype: 'float32', shape: [4] }, [1, 1, factor, factor]);
  const type = { dtype: x.dtype, shape: [batch, channels, height * factor, width * factor] };
  return x.graph.emit('Resize', [x, undefined, scales], [type], {
    mode: { string: 'nearest' }, coordinate_transformation_mode: { string: 'asymmetric' }, nearest_mode: { string: 'floor' },
  })[0]!;
}

/** Repeats or leaves out pixels, so that the result has the height and width of `like`, whatever those are at run time: pixel i comes from floor(i in / out). */
export function nearestLike(x: Value, like: Value): Value {
  const extents = (value: Value, from: number): Value => {
    const axes = (at: number): Value => value.graph.constant({ dtype: 'int64', shape: [1] }, [at]);
    const all = value.graph.emit('Shape', [value], [{ dtype: 'int64', shape: [4] }])[0]!;
    return value.graph.emit('Slice', [all, axes(from), axes(from + 2)], [{ dtype: 'int64', shape: [2] }])[0]!;
  };
  const sizes = x.graph.emit('Concat', [extents(x, 0), extents(like, 2)], [{ dtype: 'int64', shape: [4] }], { axis: { int: 0 } })[0]!;
  const type = { dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...like.shape.slice(2)] };
  return x.graph.emit('Resize', [x, undefined, undefined, sizes], [type], {
    mode: { string: 'nearest' }, coordinate_transformation_mode: { string: 'asymmetric' }, nearest_mode: { string: 'floor' },
  })[0]!;
}

/** Deals the channels out to `groups` hands in turn and joins the hands (Ma et al. 2018, "ShuffleNet V2"). Holds for any height and width. */
export function channelShuffle(x: Value, groups: number): Value {
  const [, channels] = picture(x);
  const size = channels / groups;
  if (!Number.isInteger(size)) throw new RangeError(`${channels} channels cannot be shuffled in ${groups} groups`);
  const order = Array.from({ length: channels }, (_, i) => (i % groups) * size + Math.floor(i / groups));
  const indices = x.graph.constant({ dtype: 'int64', shape: [channels] }, order);
  return x.graph.emit('Gather', [x, indices], [x], { axis: { int: 1 } })[0]!;
}

/** Mean of squares of `factor` by `factor` pixels. */
export function averagePool(x: Value, factor: number): Value {
  const [batch, channels, height, width] = picture(x);
  const type = { dtype: x.dtype, shape: [batch, channels, Math.floor(height / factor), Math.floor(width / factor)] };
  return x.graph.emit('AveragePool', [x], [type], { kernel_shape: { ints: [factor, factor] }, strides: { ints: [factor, factor] } })[0]!;
}

/** Mirrors rows and columns beyond the borders, the border pixels themselves not repeated. */
export function reflectPad(x: Value, bottom: number, right: number, top = 0, left = 0): Value {
  if (bottom === 0 && right === 0 && top === 0 && left === 0) return x;
  const [batch, channels, height, width] = picture(x);
  const [down, across] = [Math.max(top, bottom), Math.max(left, right)];
  if (down >= height || across >= width) throw new RangeError(`a picture of ${width} x ${height} pixels is too small to be mirrored by ${across} x ${down}`);
  const pads = x.graph.constant({ dtype: 'int64', shape: [8] }, [0, 0, top, left, 0, 0, bottom, right]);
  const type = { dtype: x.dtype, shape: [batch, channels, top + height + bottom, left + width + right] };
  return x.graph.emit('Pad', [x, pads], [type], { mode: { string: 'reflect' } })[0]!;
}

/** (B, C, H, W) -> (B H W, C): pixels as tokens, row by row. */
export function toTokens(x: Value): Value {
  const [batch, channels, height, width] = picture(x);
  return x.transpose(0, 2, 3, 1).reshape(batch * height * width, channels);
}

/** Inverse of `toTokens`. */
export function fromTokens(tokens: Value, batch: number, height: number, width: number): Value {
  return tokens.reshape(batch, height, width, tokens.extent(1)).transpose(0, 3, 1, 2);
}

function picture(x: Value): readonly [number, number, number, number] {
  const [batch, channels, height, width] = x.shape;
  if (x.shape.length !== 4 || batch === undefined || channels === undefined || height === undefined || width === undefined) {
    throw new RangeError(`${x.name} of shape (${x.shape.join(', ')}) is no batch of pictures`);
  }
  return [batch, channels, height, width];
}
