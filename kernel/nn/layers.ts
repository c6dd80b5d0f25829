import { conv2d, type Conv2dOptions } from './functional.ts';
import { Module, Parameter, type Layer } from './module.ts';
import type { Value } from './value.ts';
import { takeRows, type Rows } from './weight.ts';

/** Added to variances, as all these networks were trained with. */
const epsilon = 1e-5;

/** The parameter as a constant of the type of `like`, either whole or some of its rows. */
export function parameterValue(parameter: Parameter, like: Value, rows?: Rows): Value {
  const { key, shape } = parameter;
  const dtype = like.dtype === 'float16' ? 'float16' : 'float32';
  if (rows === undefined) return like.graph.weight({ name: key, dtype, shape, sources: [key], compute: ([values]) => values! });
  return like.graph.weight({
    name: `${key}#${rows.label}`,
    dtype,
    shape: shape.with(0, rows.rows.length),
    sources: [key],
    compute: ([values]) => takeRows(values!, shape[0]!, rows),
  });
}

export interface ConvOptions extends Conv2dOptions {
  readonly bias?: boolean;
}

/** Square convolution of (B, C, H, W) with zero padding. */
export class Conv2d extends Module implements Layer {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor(readonly inChannels: number, readonly outChannels: number, readonly kernelSize: number, readonly options: ConvOptions = {}) {
    super();
    const groups = options.groups ?? 1;
    if (inChannels % groups !== 0 || outChannels % groups !== 0) throw new RangeError(`${inChannels} and ${outChannels} channels cannot be split into ${groups} groups`);
    this.weight = new Parameter([outChannels, inChannels / groups, kernelSize, kernelSize]);
    this.bias = options.bias === false ? undefined : new Parameter([outChannels]);
  }

  forward(x: Value): Value {
    return x.graph.within(this.key, () => conv2d(x, parameterValue(this.weight, x), this.bias && parameterValue(this.bias, x), this.options));
  }
}

/** Batch normalisation of (B, C, H, W) by the stored statistics (Ioffe & Szegedy 2015, eps 1e-5), computed in float32; the runtime folds it into the convolution before it. */
export class BatchNorm2d extends Module implements Layer {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly running_mean: Parameter;
  readonly running_var: Parameter;

  constructor(readonly features: number) {
    super();
    this.weight = new Parameter([features]);
    this.bias = new Parameter([features]);
    this.running_mean = new Parameter([features]);
    this.running_var = new Parameter([features]);
  }

  forward(x: Value): Value {
    return x.graph.within(this.key, () => {
      if (x.extent(1) !== this.features) throw new RangeError(`${this.key} takes ${this.features} channels, not ${x.extent(1)}`);
      const wide = x.cast('float32');
      const inputs = [wide, ...[this.weight, this.bias, this.running_mean, this.running_var].map((parameter) => parameterValue(parameter, wide))];
      return castLike(x.graph.emit('BatchNormalization', inputs, [wide], { epsilon: { float: epsilon } })[0]!, x);
    });
  }
}

export interface MaxPoolOptions {
  readonly stride: number;
  readonly padding?: number;
  /** A window that begins inside of the picture counts, though it ends outside. */
  readonly ceilMode?: boolean;
}

/** Largest value of square windows of (B, C, H, W); what lies outside does not count. */
export class MaxPool2d extends Module implements Layer {
  constructor(readonly kernelSize: number, readonly options: MaxPoolOptions) {
    super();
  }

  forward(x: Value): Value {
    const { stride, padding = 0, ceilMode = false } = this.options;
    const extent = (size: number): number => (ceilMode ? Math.ceil : Math.floor)((size + 2 * padding - this.kernelSize) / stride) + 1;
    const shape = [x.extent(0), x.extent(1), extent(x.extent(2)), extent(x.extent(3))];
    return x.graph.within(this.key, () => x.graph.emit('MaxPool', [x], [{ dtype: x.dtype, shape }], {
      kernel_shape: { ints: [this.kernelSize, this.kernelSize] }, strides: { ints: [stride, stride] },
      pads: { ints: [padding, padding, padding, padding] }, ceil_mode: { int: ceilMode ? 1 : 0 },
    })[0]!);
  }
}

/** Convolution of kernel size 1 over a sequence (B, C, T); also applied to pictures, whose pixels are the sequence. */
export class Conv1x1 extends Module implements Layer {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(readonly inChannels: number, readonly outChannels: number) {
    super();
    this.weight = new Parameter([outChannels, inChannels, 1]);
    this.bias = new Parameter([outChannels]);
  }

  /** (B, C, H, W) -> (B, C', H, W), where C' is the number of rows asked for. */
  forward(x: Value, rows?: Rows): Value {
    return x.graph.within(this.key, () => {
      const { key, shape } = this.weight;
      const all = { label: '', rows: Array.from({ length: this.outChannels }, (_, row) => row), factor: 1 };
      const weight = x.graph.weight({
        name: rows === undefined ? key : `${key}#${rows.label}`,
        dtype: x.dtype === 'float16' ? 'float16' : 'float32',
        shape: [rows?.rows.length ?? shape[0]!, shape[1]!, 1, 1],
        sources: [key],
        compute: ([values]) => takeRows(values!, shape[0]!, rows ?? all),
      });
      return conv2d(x, weight, parameterValue(this.bias, x, rows));
    });
  }
}

/** y = x W^T + b over the last axis of (N, C). */
export class Linear extends Module implements Layer {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor(readonly inFeatures: number, readonly outFeatures: number, options: { readonly bias?: boolean } = {}) {
    super();
    this.weight = new Parameter([outFeatures, inFeatures]);
    this.bias = options.bias === false ? undefined : new Parameter([outFeatures]);
  }

  forward(x: Value, rows?: Rows): Value {
    return this.withBias(x, this.bias && parameterValue(this.bias, x, rows), rows);
  }

  /** With another bias, or with none where it can be added in a pass that is needed anyway: on a CPU a product that begins with a bias takes a fifth longer. */
  withBias(x: Value, bias: Value | undefined, rows?: Rows): Value {
    return x.graph.within(this.key, () => {
      if (x.shape.length !== 2 || x.extent(1) !== this.inFeatures) throw new RangeError(`${this.key} takes (N, ${this.inFeatures}), not (${x.shape.join(', ')})`);
      const shape = [x.extent(0), rows?.rows.length ?? this.outFeatures];
      return x.graph.emit('Gemm', [x, parameterValue(this.weight, x, rows), bias], [{ dtype: x.dtype, shape }], { transB: { int: 1 } })[0]!;
    });
  }
}

/** Layer normalisation over the last axis (eps 1e-5), computed in float32. */
export class LayerNorm extends Module implements Layer {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(readonly features: number) {
    super();
    this.weight = new Parameter([features]);
    this.bias = new Parameter([features]);
  }

  forward(x: Value): Value {
    return x.graph.within(this.key, () => {
      const wide = x.cast('float32');
      const inputs = [wide, parameterValue(this.weight, wide), parameterValue(this.bias, wide)];
      return castLike(x.graph.emit('LayerNormalization', inputs, [wide], { axis: { int: -1 }, epsilon: { float: epsilon } })[0]!, x);
    });
  }
}

/** Group normalisation (Wu & He 2018, eps 1e-5) of (B, C, H, W), computed in float32. */
export class GroupNorm extends Module implements Layer {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(readonly groups: number, readonly channels: number) {
    super();
    if (channels % groups !== 0) throw new RangeError(`${channels} channels cannot be normalised in ${groups} groups`);
    this.weight = new Parameter([channels]);
    this.bias = new Parameter([channels]);
  }

  forward(x: Value): Value {
    return x.graph.within(this.key, () => {
      const wide = x.cast('float32');
      return this.#normalise(x, wide, parameterValue(this.weight, wide), parameterValue(this.bias, wide));
    });
  }

  /** Normalises, then scales by (1 + scale) and shifts: one multiplication and addition with the affine folded in. scale, shift (B, C) float32. */
  modulated(x: Value, scale: Value, shift: Value): Value {
    return x.graph.within(this.key, () => {
      const wide = x.cast('float32');
      const factor = scale.add(1);
      const gain = factor.mul(parameterValue(this.weight, wide));
      const offset = factor.mul(parameterValue(this.bias, wide)).add(shift);
      return this.#normalise(x, wide, gain, offset);
    });
  }

  /** gain, offset: (C) or (B, C). */
  #normalise(x: Value, wide: Value, gain: Value, offset: Value): Value {
    if (x.extent(1) !== this.channels) throw new RangeError(`${this.key} takes ${this.channels} channels, not ${x.extent(1)}`);
    return castLike(x.graph.hardware === 'gpu' ? this.#inOneKernel(wide, gain, offset) : this.#byMoments(wide, gain, offset), x);
  }

  /** Few nodes: a card starts a kernel for each. */
  #inOneKernel(x: Value, gain: Value, offset: Value): Value {
    const [batch, channels, height, width] = x.shape as readonly [number, number, number, number];
    const { graph } = x;
    const attributes = { epsilon: { float: epsilon } };
    const shared = gain.shape.length === 1 || batch === 1;             // one gain for the whole batch
    if (channels === this.groups && shared) {
      return graph.emit('InstanceNormalization', [x, gain.reshape(channels), offset.reshape(channels)], [x], attributes)[0]!;
    }
    const one = graph.constant({ dtype: 'float32', shape: [this.groups] }, new Float32Array(this.groups).fill(1));
    const zero = graph.constant({ dtype: 'float32', shape: [this.groups] }, new Float32Array(this.groups));
    const grouped = x.reshape(batch, this.groups, -1);
    const normal = graph.emit('InstanceNormalization', [grouped, one, zero], [grouped], attributes)[0]!.reshape(batch, channels, height, width);
    return normal.mul(gain.reshape(-1, channels, 1, 1)).add(offset.reshape(-1, channels, 1, 1));
  }

  /**
   * x a + b with a and b from mean and mean square of each group: ONNX Runtime computes its InstanceNormalization on one thread, these nodes on all of them. Rows are summed up
   * first and their sums afterwards, since a long sum in float32 is not exact. A convolution of one pixel, each channel for itself, multiplies and adds in one pass over the memory.
   */
  #byMoments(x: Value, gain: Value, offset: Value): Value {
    const [batch, channels, height, width] = x.shape as readonly [number, number, number, number];
    const each = channels / this.groups;
    const rows = x.reshape(batch, this.groups, each * height, width);
    const mean = rows.reduce('ReduceMean', 3).reduce('ReduceMean', 2);                           // (B, G, 1, 1)
    const square = rows.reduce('ReduceSumSquare', 3).reduce('ReduceMean', 2).mul(1 / width);
    const variance = square.sub(mean.mul(mean)).apply('Relu');                                   // rounding may leave less than nothing of a constant group
    const factor = gain.reshape(-1, this.groups, each, 1).div(variance.add(epsilon).apply('Sqrt'));
    const shift = offset.reshape(-1, this.groups, each, 1).sub(mean.mul(factor));
    const alone = x.reshape(1, batch * channels, height, width);
    return conv2d(alone, factor.reshape(batch * channels, 1, 1, 1), shift.reshape(batch * channels), { groups: batch * channels }).reshape(batch, channels, height, width);
  }
}

function castLike(value: Value, like: Value): Value {
  return value.cast(like.dtype === 'float16' ? 'float16' : 'float32');
}
