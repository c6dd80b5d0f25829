import { z } from 'zod';

const positive = z.number().int().positive();
const side = positive.refine((value) => Number.isInteger(Math.log2(value)), { error: 'a power of two is expected' });

/** Constructor parameters of the reference's ParseNet, by its names. */
const parsenetSchema = z.object({
  /** Sides of input, output and smallest feature map: their ratios tell how often the network halves and doubles, not what sizes are accepted. */
  in_size: side.default(128),
  out_size: side.default(128),
  min_feat_size: side.default(32),
  base_ch: positive.default(64),
  /** Classes. */
  parsing_ch: positive.default(19),
  res_depth: z.number().int().nonnegative().default(10),
  /** Fewest and most channels of a feature map. */
  ch_range: z.tuple([positive, positive]).default([32, 256]),
  relu_type: z.literal('LeakyReLU', { error: 'only LeakyReLU is supported' }).default('LeakyReLU'),
  norm_type: z.literal('bn', { error: 'only batch normalisation (bn) is supported' }).default('bn'),
}).refine(({ in_size, out_size, min_feat_size }) => out_size >= Math.min(in_size, min_feat_size), { path: ['out_size'], error: 'it is smaller than the smallest feature map' });

export type ParseNetParams = z.infer<typeof parsenetSchema>;

/** @throws z.ZodError naming every parameter that does not fit */
export function parseParseNetParams(params: unknown): ParseNetParams {
  return parsenetSchema.parse(params);
}

/** How often the encoder halves and the decoder doubles the feature map. */
export function levelsOf({ in_size, out_size, min_feat_size }: ParseNetParams): { readonly down: number; readonly up: number } {
  const smallest = Math.min(in_size, min_feat_size);
  return { down: Math.log2(in_size / smallest), up: Math.log2(out_size / smallest) };
}
