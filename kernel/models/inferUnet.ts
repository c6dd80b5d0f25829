import { countIndices, extentOf, type Inferred, type Shapes } from './keys.ts';

interface Level {
  readonly channels: number;
  readonly blocks: number;
  readonly attends: boolean;
}

/** Side of the smallest feature map of the official models. */
const smallestMap = 8;

/**
 * Parameters of a UNet from its keys and shapes. The picture size it was made for and the split of attention channels into heads
 * leave no trace: the official models' are assumed (smallest feature map of 8 pixels, 64 channels a head where that divides).
 */
export function inferUnetParams(entries: Shapes): Inferred {
  const base = extentOf(entries, 'time_embed.0.weight', 1);
  const updown = [...entries.keys()].some((key) => /^output_blocks\.\d+\.[12]\.in_layers\./.test(key));
  const { levels, plainDown } = updown ? levelsOfDecoder(entries) : levelsOfEncoder(entries);
  const imageSize = smallestMap * 2 ** (levels.length - 1);
  const firstBlock = 'middle_block.0';                                 // every UNet has it; a level may have no block of its own
  const attentionChannels = [...entries].flatMap(([key, { shape }]) => (key.endsWith('.qkv.weight') ? [shape[1] ?? NaN] : []));
  const blocks = levels.map((level) => level.blocks);
  return {
    params: {
      image_size: imageSize,
      in_channels: extentOf(entries, 'input_blocks.0.0.weight', 1),
      model_channels: base,
      out_channels: extentOf(entries, 'out.2.weight', 0),
      attention_resolutions: levels.flatMap(({ attends }, level) => (attends ? [imageSize / 2 ** level] : [])),
      channel_mult: channelsOfLevels(entries, levels).map((channels) => channels / base),
      num_res_blocks: new Set(blocks).size === 1 ? blocks[0] : blocks,
      conv_resample: !plainDown,
      num_head_channels: [64, 32, 16, 8, 4, 2, 1].find((size) => attentionChannels.every((channels) => channels % size === 0)) ?? -1,
      use_scale_shift_norm: extentOf(entries, `${firstBlock}.emb_layers.1.weight`, 0) === 2 * extentOf(entries, `${firstBlock}.out_layers.3.weight`, 0),
      resblock_updown: updown,
      use_new_attention_order: false,
      num_classes: entries.has('label_emb.weight') ? extentOf(entries, 'label_emb.weight', 0) : null,
    },
    assumed: ['image_size', 'num_head_channels', 'use_new_attention_order'],
  };
}

/** A level of the encoder without a block leaves its channels to the decoder, which has one block more on every level, from the last level to the first. */
function channelsOfLevels(entries: Shapes, levels: readonly Level[]): readonly number[] {
  let stage = 0;
  const decoder = [...levels].reverse().map(({ blocks }) => {
    const channels = extentOf(entries, `output_blocks.${stage}.0.in_layers.2.weight`, 0);
    stage += blocks + 1;
    return channels;
  });
  return levels.map(({ channels }, level) => (Number.isNaN(channels) ? decoder[levels.length - 1 - level]! : channels));
}

/** Downsamplings separate the levels: a convolution of their own, or an index without keys where they have no parameters. */
function levelsOfEncoder(entries: Shapes): { readonly levels: readonly Level[]; readonly plainDown: boolean } {
  const levels: Level[] = [];
  let current: Level = { channels: NaN, blocks: 0, attends: false };
  let plainDown = false;
  const count = countIndices(entries, 'input_blocks.');
  for (let i = 1; i < count; i++) {
    if (entries.has(`input_blocks.${i}.0.in_layers.0.weight`)) {
      current = withBlock(entries, current, `input_blocks.${i}`);
    } else {
      plainDown ||= !entries.has(`input_blocks.${i}.0.op.weight`);
      levels.push(current);
      current = { channels: NaN, blocks: 0, attends: false };
    }
  }
  return { levels: [...levels, current], plainDown };
}

/** Where residual blocks resample, only the decoder tells them apart: they are the last member of their entry. */
function levelsOfDecoder(entries: Shapes): { readonly levels: readonly Level[]; readonly plainDown: boolean } {
  const levels: Level[] = [];
  let current: Level = { channels: NaN, blocks: -1, attends: false };  // the decoder has one block more on every level
  const count = countIndices(entries, 'output_blocks.');
  for (let i = 0; i < count; i++) {
    current = withBlock(entries, current, `output_blocks.${i}`);
    if ([1, 2].some((member) => entries.has(`output_blocks.${i}.${member}.in_layers.0.weight`))) {
      levels.unshift(current);
      current = { channels: NaN, blocks: -1, attends: false };
    }
  }
  return { levels: [current, ...levels], plainDown: false };
}

function withBlock(entries: Shapes, level: Level, stage: string): Level {
  return {
    channels: extentOf(entries, `${stage}.0.in_layers.2.weight`, 0),
    blocks: level.blocks + 1,
    attends: level.attends || entries.has(`${stage}.1.qkv.weight`),
  };
}
