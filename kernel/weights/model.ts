import { z } from 'zod';

/** Parameters as the reference names them; the network's class checks their values. */
const networkSchema = z.object({
  file: z.string().min(1),
  architecture: z.enum(['unet', 'swinir']),
  params: z.record(z.string(), z.unknown()),
});

export const samplerKinds = ['ddim', 'ddpm', 'dpm++'] as const;

const modelSchema = z.object({
  name: z.string().min(1),
  title: z.string().min(1),
  /** Said with every restoration: what the model is not made for. */
  notice: z.string().optional(),
  licence: z.string().min(1),
  /** Side of the square, aligned crop in pixels. */
  faceSize: z.number().int().min(16).max(2048),
  /** How crops are pasted where nothing else is asked; as the face parser says where absent, which knows photographs. */
  mask: z.literal('oval').optional(),
  backbone: networkSchema,
  denoiser: networkSchema,
  diffusion: z.object({ steps: z.literal(1000), timestepRespacing: z.string().min(1) }),
  /** What gives this model's best results where the user says nothing. `start` is an index into the respaced chain. */
  defaults: z.object({
    sampler: z.enum(samplerKinds),
    start: z.number().int().min(1),
    steps: z.number().int().min(1),
    eta: z.number().min(0).max(1),
  }),
});

/** A restoration model: a backbone that estimates the face and a denoiser that walks back from the diffused estimate. */
export type RestorationModel = z.infer<typeof modelSchema>;
export type NetworkFile = z.infer<typeof networkSchema>;

/**
 * Reads a model description (`model.json`).
 * @throws z.ZodError naming every field that does not fit
 */
export function parseModel(json: unknown): RestorationModel {
  return modelSchema.parse(json);
}
