import { leakyRelu, nearestLike, relu } from '../nn/functional.ts';
import { BatchNorm2d, Conv2d } from '../nn/layers.ts';
import { Module, ModuleList, Sequential, type Layer } from '../nn/module.ts';
import { Value } from '../nn/value.ts';
import { MobileNetBody, ResNetBody, type Body } from './retinafaceBodies.ts';
import type { RetinaFaceParams } from './retinafaceParams.ts';

/** What stands on every pixel of a feature map: a small and a large square. */
const anchors = 2;

/** What the network says of one feature map, (B, channels, h, w); the channels of the anchors lie one after the other. */
export interface RetinaFaceLevel {
  /** (B, 4, h, w): background and face of either anchor, as logits. */
  readonly scores: Value;
  /** (B, 8, h, w) */
  readonly boxes: Value;
  /** (B, 20, h, w) */
  readonly landmarks: Value;
}

function convolution(channels: number, outChannels: number, kernelSize: 1 | 3, ...activation: readonly Layer[]): Sequential {
  return new Sequential(new Conv2d(channels, outChannels, kernelSize, { padding: kernelSize === 3 ? 1 : 0, bias: false }), new BatchNorm2d(outChannels), ...activation);
}

/** Thin networks leak where the others cut off. */
function activationFor(channels: number): Layer {
  return channels <= 64 ? leakyRelu(0.1) : relu;
}

/** Feature pyramid (Lin et al. 2017): coarse maps are enlarged and added to the finer ones. */
class FeaturePyramid extends Module {
  readonly output1: Sequential;
  readonly output2: Sequential;
  readonly output3: Sequential;
  readonly merge1: Sequential;
  readonly merge2: Sequential;

  constructor(channels: Body['channels'], outChannels: number) {
    super();
    const activation = activationFor(outChannels);
    this.output1 = convolution(channels[0], outChannels, 1, activation);
    this.output2 = convolution(channels[1], outChannels, 1, activation);
    this.output3 = convolution(channels[2], outChannels, 1, activation);
    this.merge1 = convolution(outChannels, outChannels, 3, activation);
    this.merge2 = convolution(outChannels, outChannels, 3, activation);
  }

  forward([x1, x2, x3]: readonly [Value, Value, Value]): readonly [Value, Value, Value] {
    const [side1, side2, out3] = [this.output1.forward(x1), this.output2.forward(x2), this.output3.forward(x3)];
    const out2 = this.merge2.forward(side2.add(nearestLike(out3, side2)));
    const out1 = this.merge1.forward(side1.add(nearestLike(out2, side1)));
    return [out1, out2, out3];
  }
}

/** Context of 3, 5 and 7 pixels, the wider ones by 3x3 convolutions in a row (Najibi et al. 2017, "SSH"). */
class ContextModule extends Module implements Layer {
  readonly conv3X3: Sequential;
  readonly conv5X5_1: Sequential;
  readonly conv5X5_2: Sequential;
  readonly conv7X7_2: Sequential;
  readonly conv7x7_3: Sequential;

  constructor(channels: number) {
    super();
    const [half, quarter] = [channels / 2, channels / 4];
    const activation = activationFor(channels);
    this.conv3X3 = convolution(channels, half, 3);
    this.conv5X5_1 = convolution(channels, quarter, 3, activation);
    this.conv5X5_2 = convolution(quarter, quarter, 3);
    this.conv7X7_2 = convolution(quarter, quarter, 3, activation);
    this.conv7x7_3 = convolution(quarter, quarter, 3);
  }

  forward(x: Value): Value {
    const five = this.conv5X5_1.forward(x);
    const seven = this.conv7x7_3.forward(this.conv7X7_2.forward(five));
    return relu.forward(Value.concat([this.conv3X3.forward(x), this.conv5X5_2.forward(five), seven], 1));
  }
}

class Head extends Module implements Layer {
  readonly conv1x1: Conv2d;

  constructor(channels: number, values: number) {
    super();
    this.conv1x1 = new Conv2d(channels, anchors * values, 1);
  }

  forward(x: Value): Value {
    return this.conv1x1.forward(x);
  }
}

/** Finds faces and their five points in one pass (Deng et al. 2020, "RetinaFace"), as facexlib builds it. */
export class RetinaFace extends Module {
  readonly body: (ResNetBody | MobileNetBody);
  readonly fpn: FeaturePyramid;
  readonly ssh1: ContextModule;
  readonly ssh2: ContextModule;
  readonly ssh3: ContextModule;
  readonly ClassHead: ModuleList<Head>;
  readonly BboxHead: ModuleList<Head>;
  readonly LandmarkHead: ModuleList<Head>;

  constructor(readonly params: RetinaFaceParams) {
    super();
    const { body, out_channel: channels } = params;
    this.body = body.kind === 'resnet' ? new ResNetBody(body) : new MobileNetBody(body);
    this.fpn = new FeaturePyramid(this.body.channels, channels);
    this.ssh1 = new ContextModule(channels);
    this.ssh2 = new ContextModule(channels);
    this.ssh3 = new ContextModule(channels);
    const heads = (values: number): ModuleList<Head> => new ModuleList([1, 2, 3].map(() => new Head(channels, values)));
    this.ClassHead = heads(2);
    this.BboxHead = heads(4);
    this.LandmarkHead = heads(10);
    this.bind();
  }

  /** x (B, 3, H, W): blue, green, red in 0..255 less their means; any H and W -> the levels of stride 8, 16 and 32. */
  forward(x: Value): readonly RetinaFaceLevel[] {
    const pyramid = this.fpn.forward(this.body.forward(x));
    const [scores, boxes, landmarks] = [[...this.ClassHead], [...this.BboxHead], [...this.LandmarkHead]];
    return [this.ssh1, this.ssh2, this.ssh3].map((context, level) => {
      const features = context.forward(pyramid[level]!);
      return { scores: scores[level]!.forward(features), boxes: boxes[level]!.forward(features), landmarks: landmarks[level]!.forward(features) };
    });
  }
}
