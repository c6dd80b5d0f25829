import { KernelFailure } from '../failure.ts';
import { fromTokens, leakyRelu, nearestUpsample, pixelUnshuffle, reflectPad, toTokens } from '../nn/functional.ts';
import { Conv2d, LayerNorm } from '../nn/layers.ts';
import { Module, ModuleList, Sequential, type Layer } from '../nn/module.ts';
import type { Value } from '../nn/value.ts';
import { windowRule, type SwinIRParams } from './swinirParams.ts';
import { residualConv, ResidualSwinLayer } from './swinirParts.ts';
import type { Tokens } from './windows.ts';

/** Mean of DIV2K per channel: a constant of the reference, not in the checkpoint. */
const rgbMean = [0.4488, 0.4371, 0.4040];
const upsampledChannels = 64;

class PatchEmbed extends Module {
  readonly norm: LayerNorm | undefined;
  constructor(params: SwinIRParams) {
    super();
    this.norm = params.patch_norm ? new LayerNorm(params.embed_dim) : undefined;
  }
}

/** The diffused estimator: SwinIR (Liang et al. 2021) on unshuffled pixels, upsampled by nearest neighbours and convolutions. */
export class SwinIR extends Module {
  readonly conv_first: Layer;
  readonly patch_embed: PatchEmbed;
  readonly layers: ModuleList<ResidualSwinLayer>;
  readonly norm: LayerNorm;
  readonly conv_after_body: Layer;
  readonly conv_before_upsample: Sequential;
  readonly conv_up1: Conv2d;
  readonly conv_up2: Conv2d | undefined;
  readonly conv_up3: Conv2d | undefined;
  readonly conv_hr: Conv2d;
  readonly conv_last: Conv2d;

  constructor(readonly params: SwinIRParams) {
    super();
    const { embed_dim, in_chans, sf } = params;
    const conv = (inChannels: number, outChannels: number): Conv2d => new Conv2d(inChannels, outChannels, 3, { padding: 1 });
    const wide = upsampledChannels;
    this.conv_first = params.unshuffle ? new Sequential(pixelUnshuffle(sf), conv(in_chans * sf ** 2, embed_dim)) : conv(in_chans, embed_dim);
    this.patch_embed = new PatchEmbed(params);
    this.layers = new ModuleList(params.depths.map((depth, i) => new ResidualSwinLayer(params, depth, params.num_heads[i]!)));
    this.norm = new LayerNorm(embed_dim);
    this.conv_after_body = residualConv(params);
    this.conv_before_upsample = new Sequential(conv(embed_dim, wide), leakyRelu(0.01));
    this.conv_up1 = conv(wide, wide);
    this.conv_up2 = sf >= 4 ? conv(wide, wide) : undefined;
    this.conv_up3 = sf === 8 ? conv(wide, wide) : undefined;
    this.conv_hr = conv(wide, wide);
    this.conv_last = conv(wide, in_chans);
    this.bind();
  }

  /**
   * x (B, C, H, W) in [0, 1] float32 -> the estimate, float32, of the padded size where H or W is no multiple of the window.
   * @param precision of convolutions and products; normalisation and softmax are always float32
   * @throws KernelFailure('input') if the padded token map cannot be cut into windows
   */
  forward(x: Value, precision: 'float32' | 'float16' = 'float32'): Value {
    const { params } = this;
    const { graph } = x;
    const mean = graph.constant({ dtype: 'float32', shape: [1, params.in_chans, 1, 1] }, params.in_chans === 3 ? rgbMean : new Float32Array(params.in_chans));
    const centred = scaled(this.#pad(x).sub(mean), params.img_range).cast(precision);

    const shallow = this.#mark('conv_first', this.conv_first.forward(centred));      // (B, E, h, w)
    const [batch, , height, width] = shallow.shape as readonly [number, number, number, number];
    let tokens: Tokens = { value: toTokens(shallow), order: 'rows', map: { batch, height, width } };
    if (this.patch_embed.norm !== undefined) tokens = { ...tokens, value: this.patch_embed.norm.forward(tokens.value) };
    graph.mark('patch_embed', () => tokens.value.reshape(batch, height * width, -1));
    for (const layer of this.layers) tokens = layer.forward(tokens);
    const normal = this.norm.forward(tokens.value);
    graph.mark('norm', () => normal.reshape(batch, height * width, -1));
    const deep = this.#mark('conv_after_body', this.conv_after_body.forward(fromTokens(normal, batch, height, width)));

    let h = this.#mark('conv_before_upsample', this.conv_before_upsample.forward(deep.add(shallow)));
    for (const [i, convolution] of [this.conv_up1, this.conv_up2, this.conv_up3].entries()) {
      if (convolution !== undefined) h = this.#mark(`conv_up${i + 1}`, convolution.forward(nearestUpsample(h, 2))).leakyRelu(0.2);
    }
    h = this.#mark('conv_hr', this.conv_hr.forward(h)).leakyRelu(0.2);
    const out = scaled(this.#mark('conv_last', this.conv_last.forward(h)).cast('float32'), 1 / params.img_range).add(mean);
    const factor = params.unshuffle ? params.sf : 1;                                 // what the unshuffle took, the upsampling gives back
    const [outHeight, outWidth] = [x.extent(2) * params.sf, x.extent(3) * params.sf];
    return factor === 1 ? out.slice(2, 0, outHeight).slice(3, 0, outWidth) : out;
  }

  /** The size of the output for an input of H x W pixels. */
  outputSize(height: number, width: number): readonly [height: number, width: number] {
    const { unshuffle, sf, window_size } = this.params;
    const padded = (side: number): number => Math.ceil(side / window_size) * window_size;
    return unshuffle ? [padded(height), padded(width)] : [height * sf, width * sf];
  }

  /** Mirrors the picture at the bottom and right to multiples of the window in pixels, however large a token is. */
  #pad(x: Value): Value {
    const { window_size, unshuffle, sf } = this.params;
    const [height, width] = [x.extent(2), x.extent(3)];
    const { window } = windowRule(this.params);
    const token = unshuffle ? sf : 1;
    const paddings = [height, width].map((side) => Math.ceil(side / window_size) * window_size - side) as [number, number];
    const fits = [height, width].every((side, i) => (side + paddings[i]!) % (token * window) === 0 && paddings[i]! < side);
    if (!fits) {
      throw new KernelFailure('input', `The backbone takes pictures whose sides are multiples of ${token * window} pixels, not ${width} x ${height}.`);
    }
    return reflectPad(x, ...paddings);
  }

  #mark(key: string, value: Value): Value {
    value.graph.mark(key, () => value);
    return value;
  }
}

function scaled(x: Value, factor: number): Value {
  return factor === 1 ? x : x.mul(factor);
}
