import { z } from 'zod';

const positive = z.number().int().positive();
const side = z.union([positive, z.tuple([positive, positive])]);

/** Constructor parameters of the reference's SwinIR, by its names. Training-only ones are accepted and ignored. */
const swinirSchema = z.object({
  /** Side of the token map the network was made for; decides whether windows are shifted, not what sizes are accepted. */
  img_size: side.default(64),
  patch_size: z.literal(1, { error: 'only patches of one token (patch_size 1) are supported' }).default(1),
  in_chans: positive.default(3),
  embed_dim: positive.default(96),
  depths: z.array(positive).min(1),
  num_heads: z.array(positive).min(1),
  window_size: positive.default(7),
  mlp_ratio: z.number().positive().default(4),
  qkv_bias: z.boolean().default(true),
  qk_scale: z.number().nullable().default(null),
  ape: z.literal(false, { error: 'absolute position embeddings (ape) are not supported' }).default(false),
  patch_norm: z.boolean().default(true),
  /** Factor between the (unshuffled) input and the output. */
  sf: z.union([z.literal(2), z.literal(4), z.literal(8)]),
  img_range: z.number().positive().default(1),
  upsampler: z.literal('nearest+conv', { error: 'only the upsampler "nearest+conv" is supported' }),
  resi_connection: z.enum(['1conv', '3conv']).default('1conv'),
  /** Gather squares of pixels in channels first. */
  unshuffle: z.boolean().default(false),
  unshuffle_scale: z.number().int().nullable().default(null),
}).superRefine((params, context) => {
  if (params.num_heads.length !== params.depths.length) {
    context.addIssue({ code: 'custom', path: ['num_heads'], message: 'needs one number for every entry of depths' });
  }
  if (params.unshuffle && params.unshuffle_scale !== null && params.unshuffle_scale !== params.sf) {
    context.addIssue({ code: 'custom', path: ['unshuffle_scale'], message: `must equal sf (${params.sf})` });
  }
  for (const heads of params.num_heads) {
    if (params.embed_dim % heads !== 0) context.addIssue({ code: 'custom', path: ['num_heads'], message: `${heads} heads do not divide embed_dim ${params.embed_dim}` });
  }
});

export type SwinIRParams = z.infer<typeof swinirSchema>;

/** @throws z.ZodError naming every parameter that does not fit */
export function parseSwinIRParams(params: unknown): SwinIRParams {
  return swinirSchema.parse(params);
}

/** Side and shift of the attention windows of odd blocks: fixed by the configured size, not by the input. */
export function windowRule({ img_size, window_size }: SwinIRParams): { readonly window: number; readonly shift: number } {
  const smallest = typeof img_size === 'number' ? img_size : Math.min(...img_size);
  if (smallest <= window_size) return { window: smallest, shift: 0 };
  return { window: window_size, shift: Math.floor(window_size / 2) };
}
