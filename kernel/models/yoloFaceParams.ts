import { z } from 'zod';

const positive = z.number().int().positive();
const even = positive.multipleOf(2);

/** A stage that halves the picture, and the blocks after that. */
const stage = z.object({ channels: even, blocks: positive });

const yoloFaceSchema = z.object({
  stem: even,
  backbone: z.discriminatedUnion('kind', [
    /** ShuffleNet v2: three stages of a halving block and `blocks` more. */
    z.object({ kind: z.literal('shuffle'), stages: z.tuple([stage, stage, stage]) }),
    /** CSP blocks: the first stage keeps the size; before the blocks of the last one the pyramid of poolings stands. */
    z.object({ kind: z.literal('csp'), stages: z.tuple([stage, stage, stage, stage]) }),
  ]),
  /** Channels at strides 32, 16 and 8 on the way up. */
  head: z.object({ lateral: z.tuple([positive, positive]), out: z.tuple([even, even, even]), blocks: positive }),
});

export type YoloFaceParams = z.infer<typeof yoloFaceSchema>;

/** @throws z.ZodError naming every parameter that does not fit */
export function parseYoloFaceParams(params: unknown): YoloFaceParams {
  return yoloFaceSchema.parse(params);
}
