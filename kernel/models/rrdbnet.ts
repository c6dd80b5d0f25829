import { conv2d, nearestUpsample } from '../nn/functional.ts';
import { Conv2d, parameterValue } from '../nn/layers.ts';
import { Module, Sequential, type Layer } from '../nn/module.ts';
import { Value } from '../nn/value.ts';
import type { RrdbNetParams } from './rrdbnetParams.ts';

/** Five convolutions, each of which sees all that went before it. */
class ResidualDenseBlock extends Module implements Layer {
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;
  readonly conv3: Conv2d;
  readonly conv4: Conv2d;
  readonly conv5: Conv2d;

  constructor({ num_feat, num_grow_ch }: RrdbNetParams) {
    super();
    const grown = (i: number, outChannels: number): Conv2d => new Conv2d(num_feat + i * num_grow_ch, outChannels, 3, { padding: 1 });
    this.conv1 = grown(0, num_grow_ch);
    this.conv2 = grown(1, num_grow_ch);
    this.conv3 = grown(2, num_grow_ch);
    this.conv4 = grown(3, num_grow_ch);
    this.conv5 = grown(4, num_feat);
  }

  forward(x: Value): Value {
    const seen = [x];
    for (const convolution of [this.conv1, this.conv2, this.conv3, this.conv4]) seen.push(convolution.forward(Value.concat(seen, 1)).leakyRelu(0.2));
    return this.conv5.forward(Value.concat(seen, 1)).mul(0.2).add(x);
  }
}

/** Residual in residual: three dense blocks. */
class Rrdb extends Module implements Layer {
  readonly rdb1: ResidualDenseBlock;
  readonly rdb2: ResidualDenseBlock;
  readonly rdb3: ResidualDenseBlock;

  constructor(params: RrdbNetParams) {
    super();
    this.rdb1 = new ResidualDenseBlock(params);
    this.rdb2 = new ResidualDenseBlock(params);
    this.rdb3 = new ResidualDenseBlock(params);
  }

  forward(x: Value): Value {
    return this.rdb3.forward(this.rdb2.forward(this.rdb1.forward(x))).mul(0.2).add(x);
  }
}

/** The upsampler of whole pictures: RRDBNet (Wang et al. 2018, "ESRGAN") on unshuffled pixels, as Real-ESRGAN has it (Wang et al. 2021). */
export class RrdbNet extends Module {
  readonly conv_first: Conv2d;
  readonly body: Sequential;
  readonly conv_body: Conv2d;
  readonly conv_up1: Conv2d;
  readonly conv_up2: Conv2d;
  readonly conv_hr: Conv2d;
  readonly conv_last: Conv2d;

  constructor(readonly params: RrdbNetParams) {
    super();
    const { num_in_ch, num_out_ch, num_feat, num_block } = params;
    const conv = (inChannels: number, outChannels: number): Conv2d => new Conv2d(inChannels, outChannels, 3, { padding: 1 });
    this.conv_first = conv(num_in_ch * this.gathered ** 2, num_feat);
    this.body = new Sequential(...Array.from({ length: num_block }, () => new Rrdb(params)));
    this.conv_body = conv(num_feat, num_feat);
    this.conv_up1 = conv(num_feat, num_feat);
    this.conv_up2 = conv(num_feat, num_feat);
    this.conv_hr = conv(num_feat, num_feat);
    this.conv_last = conv(num_feat, num_out_ch);
    this.bind();
  }

  /** Side of the squares of pixels that are gathered in channels: H and W must be multiples of it. */
  get gathered(): number {
    return 4 / this.params.scale;
  }

  /**
   * x (B, C, H, W) in [0, 1] float32 -> (B, C', H scale, W scale) float32, not clipped. No node depends on the size: one graph serves all.
   */
  forward(x: Value, precision: 'float32' | 'float16' = 'float32'): Value {
    const shallow = this.#first(x.cast(precision));
    let h = shallow.add(this.conv_body.forward(this.body.forward(shallow)));
    for (const convolution of [this.conv_up1, this.conv_up2]) h = convolution.forward(nearestUpsample(h, 2)).leakyRelu(0.2);
    return this.conv_last.forward(this.conv_hr.forward(h).leakyRelu(0.2)).cast('float32');
  }

  /**
   * A 3 x 3 convolution of unshuffled pixels is a strided one of the pixels themselves, its weights in another order: channel c r r + dy r + dx at (ky, kx)
   * is pixel (r ky + dy, r kx + dx) of channel c. That spares the shuffling, which would tie the graph to a size.
   */
  #first(x: Value): Value {
    const r = this.gathered;
    const { weight, bias, key } = this.conv_first;
    if (r === 1) return this.conv_first.forward(x);
    const [outChannels] = weight.shape as readonly [number];
    const channels = this.params.num_in_ch;
    const side = 3 * r;
    return x.graph.within(key, () => {
      const strided = x.graph.weight({
        name: `${weight.key}#strided`, dtype: x.dtype === 'float16' ? 'float16' : 'float32', shape: [outChannels, channels, side, side], sources: [weight.key],
        compute: ([values]) => stridedWeights(values!, outChannels * channels, r),
      });
      return conv2d(x, strided, bias && parameterValue(bias, x), { stride: r, padding: r });
    });
  }
}

/** (planes r r, 3, 3) -> (planes, 3 r, 3 r) */
function stridedWeights(values: Float32Array, planes: number, r: number): Float32Array {
  const side = 3 * r;
  return Float32Array.from({ length: planes * side * side }, (_, i) => {
    const [plane, y, x] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
    const cell = plane * r * r + (y % r) * r + (x % r);
    return values[cell * 9 + Math.floor(y / r) * 3 + Math.floor(x / r)]!;
  });
}
