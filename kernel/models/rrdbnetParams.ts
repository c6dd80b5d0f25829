import { z } from 'zod';

const positive = z.number().int().positive();

/** Constructor parameters of the reference's RRDBNet, by its names. */
const rrdbnetSchema = z.object({
  num_in_ch: positive.default(3),
  num_out_ch: positive.default(3),
  /** Output over input size. The network itself enlarges four times: for 2 and 1 it gathers squares of pixels in channels first. */
  scale: z.union([z.literal(1), z.literal(2), z.literal(4)]).default(4),
  num_feat: positive.default(64),
  num_block: positive.default(23),
  num_grow_ch: positive.default(32),
});

export type RrdbNetParams = z.infer<typeof rrdbnetSchema>;

/** @throws z.ZodError naming every parameter that does not fit */
export function parseRrdbNetParams(params: unknown): RrdbNetParams {
  return rrdbnetSchema.parse(params);
}
