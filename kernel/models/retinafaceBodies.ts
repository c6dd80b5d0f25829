import { leakyRelu, relu } from '../nn/functional.ts';
import { BatchNorm2d, Conv2d, MaxPool2d } from '../nn/layers.ts';
import { Module, Sequential, type Layer } from '../nn/module.ts';
import type { Value } from '../nn/value.ts';
import type { MobileNetParams, ResNetParams } from './retinafaceParams.ts';

/** Feature maps at strides 8, 16 and 32, and their channels. */
export interface Body {
  readonly channels: readonly [number, number, number];
  forward(x: Value): readonly [Value, Value, Value];
}

/** Residual block of three convolutions, the stride in the middle one (He et al. 2016; torchvision). */
class Bottleneck extends Module implements Layer {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly downsample: Sequential | undefined;

  constructor(channels: number, inner: number, outer: number, stride: number) {
    super();
    this.conv1 = new Conv2d(channels, inner, 1, { bias: false });
    this.bn1 = new BatchNorm2d(inner);
    this.conv2 = new Conv2d(inner, inner, 3, { stride, padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(inner);
    this.conv3 = new Conv2d(inner, outer, 1, { bias: false });
    this.bn3 = new BatchNorm2d(outer);
    this.downsample = stride === 1 && channels === outer ? undefined : new Sequential(new Conv2d(channels, outer, 1, { stride, bias: false }), new BatchNorm2d(outer));
  }

  forward(x: Value): Value {
    let h = relu.forward(this.bn1.forward(this.conv1.forward(x)));
    h = relu.forward(this.bn2.forward(this.conv2.forward(h)));
    h = this.bn3.forward(this.conv3.forward(h));
    return relu.forward(h.add(this.downsample?.forward(x) ?? x));
  }
}

/** ResNet without its classifier. */
export class ResNetBody extends Module implements Body {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;
  readonly channels: Body['channels'];
  readonly #pool = new MaxPool2d(3, { stride: 2, padding: 1 });

  constructor({ stem, stages }: ResNetParams) {
    super();
    this.conv1 = new Conv2d(3, stem, 7, { stride: 2, padding: 3, bias: false });
    this.bn1 = new BatchNorm2d(stem);
    let channels = stem;
    const layer = ({ blocks, inner, outer }: ResNetParams['stages'][number], stride: number): Sequential =>
      new Sequential(...Array.from({ length: blocks }, (_, i) => {
        const block = new Bottleneck(channels, inner, outer, i === 0 ? stride : 1);
        channels = outer;
        return block;
      }));
    this.layer1 = layer(stages[0], 1);
    this.layer2 = layer(stages[1], 2);
    this.layer3 = layer(stages[2], 2);
    this.layer4 = layer(stages[3], 2);
    this.channels = [stages[1].outer, stages[2].outer, stages[3].outer];
  }

  forward(x: Value): readonly [Value, Value, Value] {
    const stem = this.#pool.forward(relu.forward(this.bn1.forward(this.conv1.forward(x))));
    const h8 = this.layer2.forward(this.layer1.forward(stem));
    const h16 = this.layer3.forward(h8);
    return [h8, h16, this.layer4.forward(h16)];
  }
}

const slope = leakyRelu(0.1);

/** Convolution of every channel by itself, then of every pixel by itself. */
function separable(channels: number, outChannels: number, stride: number): Sequential {
  return new Sequential(
    new Conv2d(channels, channels, 3, { stride, padding: 1, groups: channels, bias: false }), new BatchNorm2d(channels), slope,
    new Conv2d(channels, outChannels, 1, { bias: false }), new BatchNorm2d(outChannels), slope,
  );
}

/** Strides of the blocks of the first stage; those of the later stages halve the picture in their first block. */
const firstStrides = [2, 1, 2, 1, 2];

/** MobileNet v1 without its classifier. */
export class MobileNetBody extends Module implements Body {
  readonly stage1: Sequential;
  readonly stage2: Sequential;
  readonly stage3: Sequential;
  readonly channels: Body['channels'];

  constructor({ stage1, stage2, stage3 }: MobileNetParams) {
    super();
    const [first, ...rest] = stage1 as [number, ...number[]];
    const plain = new Sequential(new Conv2d(3, first, 3, { stride: 2, padding: 1, bias: false }), new BatchNorm2d(first), slope);
    this.stage1 = new Sequential(plain, ...rest.map((channels, i) => separable(stage1[i]!, channels, firstStrides[i + 1] ?? 1)));
    const stage = (before: number, channels: readonly number[]): Sequential =>
      new Sequential(...channels.map((outChannels, i) => separable(channels[i - 1] ?? before, outChannels, i === 0 ? 2 : 1)));
    this.channels = [stage1.at(-1)!, stage2.at(-1)!, stage3.at(-1)!];
    this.stage2 = stage(this.channels[0], stage2);
    this.stage3 = stage(this.channels[1], stage3);
  }

  forward(x: Value): readonly [Value, Value, Value] {
    const h8 = this.stage1.forward(x);
    const h16 = this.stage2.forward(h8);
    return [h8, h16, this.stage3.forward(h16)];
  }
}
