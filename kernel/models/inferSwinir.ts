import { countIndices, extentOf, type Inferred, type Shapes } from './keys.ts';

const block = (layer: number, index: number): string => `layers.${layer}.residual_group.blocks.${index}`;

/**
 * Parameters of a SwinIR from its keys and shapes. The value range leaves no trace, and neither does the configured size where the
 * stored masks were left out: the official model's are assumed.
 */
export function inferSwinIRParams(entries: Shapes): Inferred {
  const layers = countIndices(entries, 'layers.');
  const depths = Array.from({ length: layers }, (_, layer) => countIndices(entries, `layers.${layer}.residual_group.blocks.`));
  const channels = extentOf(entries, 'norm.weight', 0);
  const window = (Math.sqrt(extentOf(entries, `${block(0, 0)}.attn.relative_position_bias_table`, 0)) + 1) / 2;
  const imageChannels = extentOf(entries, 'conv_last.weight', 0);
  const unshuffle = entries.has('conv_first.1.weight');
  const sf = 2 ** [1, 2, 3].filter((index) => entries.has(`conv_up${index}.weight`)).length;
  const size = configuredSize(entries, depths, window);
  return {
    params: {
      img_size: size ?? 64,
      patch_size: 1,
      in_chans: imageChannels,
      embed_dim: channels,
      depths,
      num_heads: depths.map((_, layer) => extentOf(entries, `${block(layer, 0)}.attn.relative_position_bias_table`, 1)),
      window_size: window,
      mlp_ratio: extentOf(entries, `${block(0, 0)}.mlp.fc1.weight`, 0) / channels,
      qkv_bias: entries.has(`${block(0, 0)}.attn.qkv.bias`),
      ape: entries.has('absolute_pos_embed'),
      patch_norm: entries.has('patch_embed.norm.weight'),
      sf,
      img_range: 1,
      upsampler: upsampler(entries),
      resi_connection: entries.has('layers.0.conv.0.weight') ? '3conv' : '1conv',
      unshuffle,
      unshuffle_scale: unshuffle ? Math.sqrt(extentOf(entries, 'conv_first.1.weight', 1) / imageChannels) : null,
    },
    assumed: size === undefined ? ['img_size', 'img_range'] : ['img_range'],
  };
}

/** Side of the square map whose windows the stored mask counts; a network that stores window indices but no mask never shifts. */
function configuredSize(entries: Shapes, depths: readonly number[], window: number): number | undefined {
  for (const [layer, depth] of depths.entries()) {
    for (let index = 1; index < depth; index += 2) {
      const windows = extentOf(entries, `${block(layer, index)}.attn_mask`, 0);
      if (!Number.isNaN(windows)) return window * Math.sqrt(windows);
    }
  }
  const hasBuffers = entries.has(`${block(0, 0)}.attn.relative_position_index`);
  return hasBuffers && depths.some((depth) => depth > 1) ? window : undefined;
}

function upsampler(entries: Shapes): string {
  if (entries.has('conv_up1.weight')) return 'nearest+conv';
  if (!entries.has('upsample.0.weight')) return '';
  return entries.has('conv_before_upsample.0.weight') ? 'pixelshuffle' : 'pixelshuffledirect';
}
