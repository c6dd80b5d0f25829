import { z } from 'zod';

const positive = z.number().int().positive();

/** A stage of bottleneck blocks: channels inside a block and at its end. */
const bottleneckStage = z.object({ blocks: positive, inner: positive, outer: positive });

const retinafaceSchema = z.object({
  body: z.discriminatedUnion('kind', [
    /** ResNet (He et al. 2016) of four stages with the stride in the 3x3 convolution; the last three are looked at. */
    z.object({ kind: z.literal('resnet'), stem: positive, stages: z.tuple([bottleneckStage, bottleneckStage, bottleneckStage, bottleneckStage]) }),
    /** MobileNet v1 (Howard et al. 2017): channels after each block; the first of all is a plain convolution. */
    z.object({ kind: z.literal('mobilenet'), stage1: z.array(positive).min(5), stage2: z.array(positive).min(1), stage3: z.array(positive).min(1) }),
  ]),
  /** Channels of the feature pyramid. */
  out_channel: positive.multipleOf(4),
});

export type RetinaFaceParams = z.infer<typeof retinafaceSchema>;
export type ResNetParams = Extract<RetinaFaceParams['body'], { kind: 'resnet' }>;
export type MobileNetParams = Extract<RetinaFaceParams['body'], { kind: 'mobilenet' }>;

/** @throws z.ZodError naming every parameter that does not fit */
export function parseRetinaFaceParams(params: unknown): RetinaFaceParams {
  return retinafaceSchema.parse(params);
}
