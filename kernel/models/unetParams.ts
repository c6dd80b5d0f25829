import { z } from 'zod';

const positive = z.number().int().positive();
const count = z.number().int().nonnegative();

/** Constructor parameters of the reference's UNet, by its names. Training-only ones are accepted and ignored. */
const unetSchema = z.object({
  /** Side of the pictures the attention resolutions refer to; any other size may be given at run time. */
  image_size: positive,
  in_channels: positive.default(3),
  model_channels: positive,
  out_channels: positive,
  num_res_blocks: z.union([count, z.array(count).min(1)]),
  /** Sides of the feature maps (at `image_size`) that get attention. */
  attention_resolutions: z.array(positive),
  channel_mult: z.array(z.number().positive()).min(1).default([1, 2, 4, 8]),
  conv_resample: z.boolean().default(true),
  num_heads: positive.default(1),
  /** -1: `num_heads` heads in the encoder and the middle, one in the decoder. */
  num_head_channels: z.union([z.literal(-1), positive]).default(-1),
  use_scale_shift_norm: z.boolean().default(false),
  resblock_updown: z.boolean().default(false),
  use_new_attention_order: z.boolean().default(false),
  dims: z.literal(2, { error: 'only pictures (dims 2) are supported' }).default(2),
  num_classes: z.null({ error: 'class-conditional networks are not supported' }).optional(),
}).refine(({ num_res_blocks, channel_mult }) => typeof num_res_blocks === 'number' || num_res_blocks.length === channel_mult.length, {
  path: ['num_res_blocks'], error: 'as a list it needs one number for every entry of channel_mult',
});

export type UnetParams = z.infer<typeof unetSchema>;

/** @throws z.ZodError naming every parameter that does not fit */
export function parseUnetParams(params: unknown): UnetParams {
  return unetSchema.parse(params);
}

/** Residual blocks of every level, from the highest resolution down. */
export function blocksPerLevel({ num_res_blocks, channel_mult }: UnetParams): readonly number[] {
  return typeof num_res_blocks === 'number' ? channel_mult.map(() => num_res_blocks) : num_res_blocks;
}
