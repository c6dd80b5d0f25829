import { channelShuffle, silu } from '../nn/functional.ts';
import { BatchNorm2d, Conv2d, MaxPool2d } from '../nn/layers.ts';
import { Module, Sequential, type Layer } from '../nn/module.ts';
import { Value } from '../nn/value.ts';

/** Convolution, normalisation, SiLU; the picture keeps its size at stride 1. */
export class Conv extends Module implements Layer {
  readonly conv: Conv2d;
  readonly bn: BatchNorm2d;

  constructor(channels: number, outChannels: number, kernelSize: 1 | 3, stride = 1) {
    super();
    this.conv = new Conv2d(channels, outChannels, kernelSize, { stride, padding: kernelSize === 3 ? 1 : 0, bias: false });
    this.bn = new BatchNorm2d(outChannels);
  }

  forward(x: Value): Value {
    return silu.forward(this.bn.forward(this.conv.forward(x)));
  }
}

/** Quarters the picture by convolutions and, beside them, by a pooling. */
export class StemBlock extends Module implements Layer {
  readonly stem_1: Conv;
  readonly stem_2a: Conv;
  readonly stem_2b: Conv;
  readonly stem_2p = new MaxPool2d(2, { stride: 2, ceilMode: true });
  readonly stem_3: Conv;

  constructor(channels: number, outChannels: number) {
    super();
    this.stem_1 = new Conv(channels, outChannels, 3, 2);
    this.stem_2a = new Conv(outChannels, outChannels / 2, 1);
    this.stem_2b = new Conv(outChannels / 2, outChannels, 3, 2);
    this.stem_3 = new Conv(2 * outChannels, outChannels, 1);
  }

  forward(x: Value): Value {
    const half = this.stem_1.forward(x);
    return this.stem_3.forward(Value.concat([this.stem_2b.forward(this.stem_2a.forward(half)), this.stem_2p.forward(half)], 1));
  }
}

/** Block of ShuffleNet v2 (Ma et al. 2018): half of the channels pass as they are, or both halves see all of them where the picture is halved. */
export class ShuffleBlock extends Module implements Layer {
  readonly branch1: Sequential | undefined;
  readonly branch2: Sequential;

  constructor(channels: number, outChannels: number, stride: 1 | 2) {
    super();
    const half = outChannels / 2;
    const depthwise = (width: number): Conv2d => new Conv2d(width, width, 3, { stride, padding: 1, groups: width, bias: false });
    const pointwise = (from: number): Conv2d => new Conv2d(from, half, 1, { bias: false });
    this.branch1 = stride === 1 ? undefined : new Sequential(depthwise(channels), new BatchNorm2d(channels), pointwise(channels), new BatchNorm2d(half), silu);
    this.branch2 = new Sequential(
      pointwise(stride === 1 ? half : channels), new BatchNorm2d(half), silu,
      depthwise(half), new BatchNorm2d(half),
      pointwise(half), new BatchNorm2d(half), silu,
    );
  }

  forward(x: Value): Value {
    const [left, right] = this.branch1 ? [this.branch1.forward(x), x] : (x.chunk(2, 1) as [Value, Value]);
    return channelShuffle(Value.concat([left, this.branch2.forward(right)], 1), 2);
  }
}

/** Two convolutions, with the input added where `shortcut` is true. */
class Bottleneck extends Module implements Layer {
  readonly cv1: Conv;
  readonly cv2: Conv;

  constructor(channels: number, readonly shortcut: boolean) {
    super();
    this.cv1 = new Conv(channels, channels, 1);
    this.cv2 = new Conv(channels, channels, 3);
  }

  forward(x: Value): Value {
    const h = this.cv2.forward(this.cv1.forward(x));
    return this.shortcut ? x.add(h) : h;
  }
}

/** Bottlenecks on half of the channels, beside a convolution of the input (Wang et al. 2020, "CSPNet"). */
export class C3 extends Module implements Layer {
  readonly cv1: Conv;
  readonly cv2: Conv;
  readonly cv3: Conv;
  readonly m: Sequential;

  constructor(channels: number, outChannels: number, blocks: number, options: { readonly shortcut: boolean }) {
    super();
    const half = outChannels / 2;
    this.cv1 = new Conv(channels, half, 1);
    this.cv2 = new Conv(channels, half, 1);
    this.cv3 = new Conv(outChannels, outChannels, 1);
    this.m = new Sequential(...Array.from({ length: blocks }, () => new Bottleneck(half, options.shortcut)));
  }

  forward(x: Value): Value {
    return this.cv3.forward(Value.concat([this.m.forward(this.cv1.forward(x)), this.cv2.forward(x)], 1));
  }
}

/** Largest values of ever wider surroundings beside each other (He et al. 2015, "Spatial Pyramid Pooling"). */
export class PoolingPyramid extends Module implements Layer {
  readonly cv1: Conv;
  readonly cv2: Conv;
  readonly #pools: readonly MaxPool2d[];

  constructor(channels: number, outChannels: number, sizes: readonly number[]) {
    super();
    const half = channels / 2;
    this.cv1 = new Conv(channels, half, 1);
    this.cv2 = new Conv(half * (sizes.length + 1), outChannels, 1);
    this.#pools = sizes.map((size) => new MaxPool2d(size, { stride: 1, padding: (size - 1) / 2 }));
  }

  forward(x: Value): Value {
    const h = this.cv1.forward(x);
    return this.cv2.forward(Value.concat([h, ...this.#pools.map((pool) => pool.forward(h))], 1));
  }
}
