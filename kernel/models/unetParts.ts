import { averagePool, dropout, identity, nearestUpsample, silu } from '../nn/functional.ts';
import { Conv1x1, Conv2d, GroupNorm, Linear } from '../nn/layers.ts';
import { Module, Sequential, type Layer } from '../nn/module.ts';
import { upsampledConv } from '../nn/upsampledConv.ts';
import type { Value } from '../nn/value.ts';

export interface ResBlockOptions {
  /** The timestep scales and shifts the second normalisation (true) or is added before it (false). */
  readonly scaleShift: boolean;
  readonly resample?: 'up' | 'down' | undefined;
}

/** Residual block conditioned on the timestep (guided-diffusion; Dhariwal & Nichol 2021). */
export class ResBlock extends Module {
  readonly in_layers: Sequential<readonly [GroupNorm, Layer, Conv2d]>;
  readonly emb_layers: Sequential<readonly [Layer, Linear]>;
  readonly out_layers: Sequential<readonly [GroupNorm, Layer, Layer, Conv2d]>;
  readonly skip_connection: Layer;

  constructor(channels: number, embChannels: number, outChannels: number, readonly options: ResBlockOptions) {
    super();
    this.in_layers = new Sequential(new GroupNorm(32, channels), silu, new Conv2d(channels, outChannels, 3, { padding: 1 }));
    this.emb_layers = new Sequential(silu, new Linear(embChannels, options.scaleShift ? 2 * outChannels : outChannels));
    this.out_layers = new Sequential(new GroupNorm(32, outChannels), silu, dropout, new Conv2d(outChannels, outChannels, 3, { padding: 1 }));
    this.skip_connection = channels === outChannels ? identity : new Conv2d(channels, outChannels, 1);
  }

  forward(x: Value, emb: Value): Value {                                             // x (B, C, H, W), emb (B, E)
    const normal = this.in_layers.slice(0, 2).forward(x);
    const convolution = this.in_layers.at(2);
    let h = this.options.resample === 'up' ? upsampledConv(normal, convolution) : convolution.forward(this.#resample(normal));   // (B, C', H', W')
    const condition = this.emb_layers.forward(emb);
    if (this.options.scaleShift) {
      const [scale, shift] = condition.chunk(2, 1) as readonly [Value, Value];       // (B, C') each
      h = this.out_layers.at(0).modulated(h, scale, shift);
    } else {
      h = this.out_layers.at(0).forward(h.add(condition.unsqueeze(2, 3).cast(h.dtype === 'float16' ? 'float16' : 'float32')));
    }
    return this.skip_connection.forward(this.#resample(x)).add(this.out_layers.slice(1).forward(h));
  }

  #resample(x: Value): Value {
    switch (this.options.resample) {
      case 'up': return nearestUpsample(x, 2);
      case 'down': return averagePool(x, 2);
      case undefined: return x;
      default: return this.options.resample satisfies never;
    }
  }
}

/** Self-attention between the pixels of a feature map. */
export class AttentionBlock extends Module implements Layer {
  readonly norm: GroupNorm;
  readonly qkv: Conv1x1;
  readonly proj_out: Conv1x1;

  /** @param order how the channels of `qkv` are laid out: head by head ('legacy') or all q, all k, all v ('new') */
  constructor(readonly channels: number, readonly heads: number, readonly order: 'legacy' | 'new') {
    super();
    if (channels % heads !== 0) throw new RangeError(`${channels} channels cannot be split into ${heads} attention heads`);
    this.norm = new GroupNorm(32, channels);
    this.qkv = new Conv1x1(channels, 3 * channels);
    this.proj_out = new Conv1x1(channels, channels);
  }

  forward(x: Value): Value {                                                         // (B, C, H, W)
    const [batch, channels, height, width] = x.shape as readonly [number, number, number, number];
    const normal = this.norm.forward(x);
    const depth = channels / this.heads;
    // q and k are scaled by d^-1/4 each, so that their product stays within the range of float16
    const [q, k, v] = (['q', 'k', 'v'] as const).map((label, part) => {
      const rows = Array.from({ length: channels }, (_, row) => {
        const head = Math.floor(row / depth);
        return this.order === 'legacy' ? (3 * head + part) * depth + (row % depth) : part * channels + row;
      });
      return this.qkv.forward(normal, { label, rows, factor: label === 'v' ? 1 : depth ** -0.25 }).reshape(batch * this.heads, depth, height * width);
    }) as [Value, Value, Value];                                                     // (B heads, d, T) each
    const weight = q.transpose(0, 2, 1).matmul(k).softmax();                         // (B heads, T, T): row t over s
    const out = v.matmul(weight.transpose(0, 2, 1)).reshape(batch, channels, height, width);
    return x.add(this.proj_out.forward(out));
  }
}

/** Halves height and width with a strided convolution. */
export class Downsample extends Module implements Layer {
  readonly op: Conv2d;

  constructor(channels: number) {
    super();
    this.op = new Conv2d(channels, channels, 3, { stride: 2, padding: 1 });
  }

  forward(x: Value): Value {
    return this.op.forward(x);
  }
}

/** Doubles height and width by repeating pixels, then convolves. */
export class Upsample extends Module implements Layer {
  readonly conv: Conv2d;

  constructor(channels: number) {
    super();
    this.conv = new Conv2d(channels, channels, 3, { padding: 1 });
  }

  forward(x: Value): Value {
    return upsampledConv(x, this.conv);
  }
}

/** Resampling without parameters, where the convolution is switched off. */
export class PlainResample extends Module implements Layer {
  constructor(readonly direction: 'up' | 'down') {
    super();
  }

  forward(x: Value): Value {
    return this.direction === 'up' ? nearestUpsample(x, 2) : averagePool(x, 2);
  }
}
