import { leakyRelu } from '../nn/functional.ts';
import { BatchNorm2d, Conv2d, parameterValue } from '../nn/layers.ts';
import { Module, Sequential, type Layer } from '../nn/module.ts';
import type { Value } from '../nn/value.ts';
import { levelsOf, type ParseNetParams } from './parsenetParams.ts';
import { convolveMirrored } from './stripes.ts';

type Scale = 'none' | 'up' | 'down';

interface ConvLayerOptions {
  readonly scale?: Scale;
  readonly normalise?: boolean;
  readonly activate?: boolean;
}

const activation = leakyRelu(0.2);

class Norm extends Module {
  readonly norm: BatchNorm2d;

  constructor(channels: number) {
    super();
    this.norm = new BatchNorm2d(channels);
  }
}

/** Nearest upsampling where asked for, mirrored border, convolution (strided where it scales down), normalisation, activation. */
class ConvLayer extends Module implements Layer {
  readonly conv2d: Conv2d;
  readonly norm: Norm | undefined;

  constructor(inChannels: number, outChannels: number, readonly options: ConvLayerOptions = {}) {
    super();
    const { scale = 'none', normalise = false } = options;
    this.conv2d = new Conv2d(inChannels, outChannels, 3, { stride: scale === 'down' ? 2 : 1, bias: !normalise });
    this.norm = normalise ? new Norm(outChannels) : undefined;
  }

  forward(x: Value): Value {
    const { scale = 'none', activate = false } = this.options;
    const { weight, key } = this.conv2d;
    const sizes = { factor: scale === 'up' ? 2 : 1, stride: scale === 'down' ? 2 : 1 } as const;
    return x.graph.within(key, () => convolveMirrored(x, { ...sizes, weight: parameterValue(weight, x), bias: this.#bias(x) }, (convolved) => {
      const normal = this.norm ? this.norm.norm.forward(convolved) : convolved;
      return activate ? activation.forward(normal) : normal;
    }));
  }

  /** Zeros where there is none: WebGPU in ONNX Runtime 1.30 crashes in convolutions without one. The CPU folds them into the normalisation. */
  #bias(x: Value): Value {
    const { bias, outChannels } = this.conv2d;
    if (bias) return parameterValue(bias, x);
    return x.graph.constant({ dtype: x.dtype === 'float16' ? 'float16' : 'float32', shape: [outChannels] }, new Float32Array(outChannels));
  }
}

/** Scales up before its first convolution, down with its second. */
class ResidualBlock extends Module implements Layer {
  readonly shortcut_func: ConvLayer | undefined;
  readonly conv1: ConvLayer;
  readonly conv2: ConvLayer;

  constructor(inChannels: number, outChannels: number, scale: Scale = 'none') {
    super();
    this.shortcut_func = scale === 'none' && inChannels === outChannels ? undefined : new ConvLayer(inChannels, outChannels, { scale });
    this.conv1 = new ConvLayer(inChannels, outChannels, { scale: scale === 'up' ? 'up' : 'none', normalise: true, activate: true });
    this.conv2 = new ConvLayer(outChannels, outChannels, { scale: scale === 'down' ? 'down' : 'none', normalise: true });
  }

  forward(x: Value): Value {
    return (this.shortcut_func?.forward(x) ?? x).add(this.conv2.forward(this.conv1.forward(x)));
  }
}

/** The face parser: which of 19 parts (skin, nose, eyes, hair, ...) each pixel of an aligned face belongs to (ParseNet of Chen et al. 2021, "PSFR-GAN"). */
export class ParseNet extends Module {
  readonly encoder: Sequential;
  readonly body: Sequential;
  readonly decoder: Sequential;
  readonly out_img_conv: ConvLayer;
  readonly out_mask_conv: ConvLayer;

  constructor(readonly params: ParseNetParams) {
    super();
    const { base_ch, parsing_ch, res_depth, ch_range: [fewest, most] } = params;
    const { down, up } = levelsOf(params);
    const channels = (level: number): number => Math.max(fewest, Math.min(base_ch * 2 ** level, most));
    if (channels(0) !== base_ch) throw new RangeError(`base_ch ${base_ch} lies outside ch_range`);
    this.encoder = new Sequential(new ConvLayer(3, base_ch), ...Array.from({ length: down }, (_, i) => new ResidualBlock(channels(i), channels(i + 1), 'down')));
    this.body = new Sequential(...Array.from({ length: res_depth }, () => new ResidualBlock(channels(down), channels(down))));
    // halving rounds down, so that a decoder that goes on below one channel keeps to the fewest
    const decoded = (step: number): number => Math.max(fewest, Math.min(Math.floor(base_ch * 2 ** (down - step)), most));
    this.decoder = new Sequential(...Array.from({ length: up }, (_, i) => new ResidualBlock(decoded(i), decoded(i + 1), 'up')));
    this.out_img_conv = new ConvLayer(decoded(up), 3);
    this.out_mask_conv = new ConvLayer(decoded(up), parsing_ch);
    this.bind();
  }

  /**
   * x (B, 3, H, W) in [-1, 1] float32, an aligned face -> the class of each pixel, (B, H', W') float32 whole numbers; H' = H where the network doubles as often as it halves.
   * @param precision of the convolutions; normalisation and the choice of the class are always float32
   */
  forward(x: Value, precision: 'float32' | 'float16' = 'float32'): Value {
    const { graph } = x;
    const features = this.encoder.forward(x.cast(precision));
    const decoded = this.decoder.forward(features.add(this.body.forward(features)));
    const logits = this.out_mask_conv.forward(decoded).cast('float32');              // (B, classes, H', W')
    graph.mark('out_mask_conv', () => logits);
    graph.mark('out_img_conv', () => this.out_img_conv.forward(decoded).cast('float32'));
    return logits.argMax(1);
  }
}
