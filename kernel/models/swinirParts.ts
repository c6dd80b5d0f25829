import { fromTokens, gelu, leakyRelu, toTokens } from '../nn/functional.ts';
import { Conv2d, LayerNorm, Linear, parameterValue } from '../nn/layers.ts';
import { Module, ModuleList, Parameter, Sequential, type Layer } from '../nn/module.ts';
import type { Value } from '../nn/value.ts';
import { windowRule, type SwinIRParams } from './swinirParams.ts';
import { arrange, relativePositionBias, shiftMask, type Tokens } from './windows.ts';

/** Multi-head attention inside windows with a learned relative position bias (Liu et al. 2021). */
class WindowAttention extends Module {
  readonly relative_position_bias_table: Parameter;
  readonly qkv: Linear;
  readonly proj: Linear;

  constructor(readonly channels: number, readonly heads: number, readonly window: number, readonly scale: number, bias: boolean) {
    super();
    this.relative_position_bias_table = new Parameter([(2 * window - 1) ** 2, heads]);
    this.qkv = new Linear(channels, 3 * channels, { bias });
    this.proj = new Linear(channels, channels);
  }

  /**
   * x (B windows w², C), window by window; mask (windows, w², w²) is added before the softmax. The biases of k and v are not added to them: every logit
   * of a row has the same q b_k in it, which a softmax does not see, and the weights of v sum to 1, so that b_v may be added after the projection.
   */
  forward(x: Value, mask: Value | undefined): Value {
    const { channels, heads } = this;
    const area = this.window ** 2;
    const windows = x.extent(0) / area;
    const [q, k, v] = (['q', 'k', 'v'] as const).map((label, part) => {
      const rows = Array.from({ length: channels }, (_, row) => part * channels + row);
      const product = label === 'q' ? this.qkv.forward(x, { label, rows, factor: this.scale }) : this.qkv.withBias(x, undefined, { label, rows, factor: 1 });
      return product.reshape(windows, area, heads, channels / heads);
    }) as [Value, Value, Value];
    let logits = q.transpose(0, 2, 1, 3).matmul(k.transpose(0, 2, 3, 1)).add(this.#bias(x));   // (B windows, heads, w², w²)
    if (mask !== undefined) {
      const perMap = mask.extent(0);
      logits = logits.reshape(windows / perMap, perMap, heads, area, area).add(mask.unsqueeze(0, 2)).reshape(windows, heads, area, area);
    }
    const out = logits.softmax().matmul(v.transpose(0, 2, 1, 3));                    // (B windows, heads, w², d)
    return this.proj.withBias(out.transpose(0, 2, 1, 3).reshape(windows * area, channels), this.#lastBias(x));
  }

  /** The bias of the projection and, projected, that of v. */
  #lastBias(like: Value): Value {
    const { channels, qkv, proj } = this;
    if (qkv.bias === undefined) return parameterValue(proj.bias!, like);
    return like.graph.weight({
      name: `${proj.bias!.key}#withV`,
      dtype: like.dtype === 'float16' ? 'float16' : 'float32',
      shape: [channels],
      sources: [proj.bias!.key, proj.weight.key, qkv.bias.key],
      compute: ([bias, weight, qkvBias]) => bias!.map((own, row) => own + dot(weight!.subarray(row * channels, (row + 1) * channels), qkvBias!.subarray(2 * channels))),
    });
  }

  #bias(like: Value): Value {
    const { key } = this.relative_position_bias_table;
    const area = this.window ** 2;
    return like.graph.weight({
      name: `${key}#dense`,
      dtype: like.dtype === 'float16' ? 'float16' : 'float32',
      shape: [1, this.heads, area, area],
      sources: [key],
      compute: ([table]) => relativePositionBias(table!, this.window, this.heads),
    });
  }
}

class Mlp extends Module implements Layer {
  readonly fc1: Linear;
  readonly fc2: Linear;

  constructor(channels: number, hidden: number) {
    super();
    this.fc1 = new Linear(channels, hidden);
    this.fc2 = new Linear(hidden, channels);
  }

  forward(x: Value): Value {
    return this.fc2.forward(gelu.forward(this.fc1.withBias(x, undefined).add(parameterValue(this.fc1.bias!, x))));
  }
}

/** Swin transformer block: window attention, then a two-layer perceptron, both residual and normalised before. */
class SwinBlock extends Module {
  readonly norm1: LayerNorm;
  readonly attn: WindowAttention;
  readonly norm2: LayerNorm;
  readonly mlp: Mlp;
  readonly #order: { readonly window: number; readonly shift: number };

  constructor(params: SwinIRParams, heads: number, shifted: boolean) {
    super();
    const { window, shift } = windowRule(params);
    const channels = params.embed_dim;
    this.#order = { window, shift: shifted ? shift : 0 };
    this.norm1 = new LayerNorm(channels);
    this.attn = new WindowAttention(channels, heads, window, params.qk_scale ?? (channels / heads) ** -0.5, params.qkv_bias);
    this.norm2 = new LayerNorm(channels);
    this.mlp = new Mlp(channels, Math.trunc(channels * params.mlp_ratio));
  }

  forward(tokens: Tokens): Tokens {
    const arranged = arrange(tokens, this.#order);
    const { value: x, map } = arranged;
    return x.graph.within(this.key, () => {
      const a = x.add(this.attn.forward(this.norm1.forward(x), this.#mask(x, map)));
      const result = { ...arranged, value: a.add(this.mlp.forward(this.norm2.forward(a))) };
      x.graph.mark(this.key, () => inRows(result).reshape(map.batch, map.height * map.width, -1));
      return result;
    });
  }

  #mask(like: Value, { height, width }: Tokens['map']): Value | undefined {
    const { window, shift } = this.#order;
    if (shift === 0) return undefined;
    const area = window ** 2;
    return like.graph.constant({ dtype: like.dtype, shape: [height * width / area, area, area] }, shiftMask(height, width, window, shift));
  }
}

class ResidualGroup extends Module {
  readonly blocks: ModuleList<SwinBlock>;

  constructor(blocks: Iterable<SwinBlock>) {
    super();
    this.blocks = new ModuleList(blocks);
  }

  forward(tokens: Tokens): Tokens {
    return [...this.blocks].reduce((value, block) => block.forward(value), tokens);
  }
}

/** Residual Swin transformer block (Liang et al. 2021): several blocks, a convolution, and a path around them. */
export class ResidualSwinLayer extends Module {
  readonly residual_group: ResidualGroup;
  readonly conv: Layer;

  constructor(params: SwinIRParams, depth: number, heads: number) {
    super();
    this.residual_group = new ResidualGroup(Array.from({ length: depth }, (_, j) => new SwinBlock(params, heads, j % 2 === 1)));
    this.conv = residualConv(params);
  }

  /** Takes and gives tokens row by row. */
  forward(tokens: Tokens): Tokens {
    const { batch, height, width } = tokens.map;
    const { graph } = tokens.value;
    const deep = inRows(this.residual_group.forward(tokens));
    return graph.within(this.key, () => {
      const value = tokens.value.add(toTokens(this.conv.forward(fromTokens(deep, batch, height, width))));
      graph.mark(this.key, () => value.reshape(batch, height * width, -1));
      return { ...tokens, value };
    });
  }
}

/** The convolution before a residual addition. */
export function residualConv({ embed_dim, resi_connection }: SwinIRParams): Layer {
  switch (resi_connection) {
    case '1conv': return new Conv2d(embed_dim, embed_dim, 3, { padding: 1 });
    case '3conv': {
      const narrow = Math.trunc(embed_dim / 4);
      const activation = leakyRelu(0.2);
      return new Sequential(
        new Conv2d(embed_dim, narrow, 3, { padding: 1 }), activation, new Conv2d(narrow, narrow, 1), activation, new Conv2d(narrow, embed_dim, 3, { padding: 1 }),
      );
    }
    default: return resi_connection satisfies never;
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function inRows(tokens: Tokens): Value {
  return arrange(tokens, 'rows').value;
}
