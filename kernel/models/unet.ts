import { KernelFailure } from '../failure.ts';
import { silu } from '../nn/functional.ts';
import { Conv2d, GroupNorm, Linear } from '../nn/layers.ts';
import { Module, ModuleList, Sequential, type Layer } from '../nn/module.ts';
import { Value } from '../nn/value.ts';
import { timestepEmbedding } from './timestepEmbedding.ts';
import { blocksPerLevel, type UnetParams } from './unetParams.ts';
import { AttentionBlock, Downsample, PlainResample, ResBlock, Upsample } from './unetParts.ts';

type Block = Module & { forward(x: Value, emb: Value): Value };

/** One entry of the encoder or decoder: a residual block, attention, resampling, in this order. */
class Stage extends ModuleList<Block> {
  forward(x: Value, emb: Value): Value {
    let h = x;
    for (const block of this) {
      h = h.graph.within(block.key, () => block.forward(h, emb));
      const value = h;
      h.graph.mark(block.key, () => value);
    }
    return h;
  }
}

/**
 * The denoiser: the UNet of guided-diffusion (Dhariwal & Nichol 2021) as DifFace configures it. Predicts the noise (first half of
 * the output channels) and, where it learned it, the variance (second half).
 */
export class Unet extends Module {
  readonly time_embed: Sequential;
  readonly input_blocks: ModuleList<Stage>;
  readonly middle_block: Stage;
  readonly output_blocks: ModuleList<Stage>;
  readonly out: Sequential<readonly [GroupNorm, Layer, Conv2d]>;

  /** @throws KernelFailure('checkpoint') if the parameters contradict each other */
  constructor(readonly params: UnetParams) {
    super();
    const { model_channels: base, channel_mult: mult, image_size, attention_resolutions, num_head_channels, num_heads } = params;
    const embChannels = 4 * base;
    const levels = mult.length;
    const channelsAt = (level: number): number => Math.trunc(base * mult[level]!);
    const attends = (level: number): boolean => attention_resolutions.includes(image_size / 2 ** level);
    const resBlock = (channels: number, outChannels: number, resample?: 'up' | 'down'): ResBlock =>
      new ResBlock(channels, embChannels, outChannels, { scaleShift: params.use_scale_shift_norm, resample });
    const attention = (channels: number, part: 'encoder' | 'decoder'): AttentionBlock => {
      if (num_head_channels !== -1 && channels % num_head_channels !== 0) {
        throw new RangeError(`${channels} channels cannot be split into attention heads of ${num_head_channels}`);
      }
      const heads = num_head_channels !== -1 ? channels / num_head_channels : part === 'encoder' ? num_heads : 1;
      return new AttentionBlock(channels, heads, params.use_new_attention_order ? 'new' : 'legacy');
    };
    const downsample = (channels: number): Block =>
      params.resblock_updown ? resBlock(channels, channels, 'down') : params.conv_resample ? new Downsample(channels) : new PlainResample('down');
    const upsample = (channels: number): Block =>
      params.resblock_updown ? resBlock(channels, channels, 'up') : params.conv_resample ? new Upsample(channels) : new PlainResample('up');

    this.time_embed = new Sequential(new Linear(base, embChannels), silu, new Linear(embChannels, embChannels));

    let channels = channelsAt(0);
    const encoder = [new Stage([new Conv2d(params.in_channels, channels, 3, { padding: 1 })])];
    const skips = [channels];
    for (const [level, blocks] of blocksPerLevel(params).entries()) {
      for (let i = 0; i < blocks; i++) {
        const block = resBlock(channels, channelsAt(level));
        channels = channelsAt(level);
        encoder.push(new Stage(attends(level) ? [block, attention(channels, 'encoder')] : [block]));
        skips.push(channels);
      }
      if (level < levels - 1) {
        encoder.push(new Stage([downsample(channels)]));
        skips.push(channels);
      }
    }
    this.input_blocks = new ModuleList(encoder);
    this.middle_block = new Stage([resBlock(channels, channels), attention(channels, 'encoder'), resBlock(channels, channels)]);

    const decoder: Stage[] = [];
    for (const [level, blocks] of [...blocksPerLevel(params).entries()].reverse()) {
      for (let i = 0; i <= blocks; i++) {
        const stage: Block[] = [resBlock(channels + skips.pop()!, channelsAt(level))];
        channels = channelsAt(level);
        if (attends(level)) stage.push(attention(channels, 'decoder'));
        if (level > 0 && i === blocks) stage.push(upsample(channels));
        decoder.push(new Stage(stage));
      }
    }
    this.output_blocks = new ModuleList(decoder);
    this.out = new Sequential(new GroupNorm(32, channels), silu, new Conv2d(channels, params.out_channels, 3, { padding: 1 }));
    this.bind();
  }

  /**
   * x (B, in, H, W) and t (B), timesteps in 0..999, float32 -> (B, out, H, W) float32.
   * @param precision of the convolutions and products; time embedding, normalisation, softmax and the output head are always float32
   * @throws KernelFailure('input') if H or W is no multiple of 2^(levels - 1)
   */
  forward(x: Value, t: Value, precision: 'float32' | 'float16' = 'float32'): Value {
    this.#checkSize(x.extent(2), x.extent(3));
    const { graph } = x;
    const sinusoids = timestepEmbedding(t, this.params.model_channels);
    graph.mark('timestep_embedding', () => sinusoids);
    const emb = this.time_embed.forward(sinusoids);                                  // (B, 4C)
    graph.mark('time_embed', () => emb);

    let h = x.cast(precision);
    const skips: Value[] = [];
    for (const stage of this.input_blocks) {
      h = stage.forward(h, emb);
      skips.push(h);
    }
    h = this.middle_block.forward(h, emb);
    for (const stage of this.output_blocks) h = stage.forward(Value.concat([h, skips.pop()!], 1), emb);

    const normal = this.out.at(0).forward(h.cast('float32'));
    graph.mark('out.0', () => normal);
    return this.out.slice(1).forward(normal);
  }

  #checkSize(height: number, width: number): void {
    const multiple = 2 ** (this.params.channel_mult.length - 1);
    if (height % multiple !== 0 || width % multiple !== 0) {
      throw new KernelFailure('input', `The denoiser takes pictures whose sides are multiples of ${multiple} pixels, not ${width} x ${height}.`);
    }
  }
}
