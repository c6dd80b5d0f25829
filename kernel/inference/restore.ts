import type { Denoiser } from '../diffusion/denoiser.ts';
import { counterNoise, recordedNoise } from '../diffusion/noise.ts';
import { callsOf } from '../diffusion/recipe.ts';
import { restoreEstimate } from '../diffusion/walk.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { KeptState, RestoreJob, RestoreOutcome } from './protocol.ts';
import type { Session } from './session.ts';

export interface RestoreCallbacks {
  readonly signal: AbortSignal;
  onStep(step: number, steps: number): void;
  onState(state: KeptState): void;
}

/**
 * Restores a batch of aligned crops: backbone, clamp, diffuse to the start, walk back, clamp (Yue and Loy 2024, algorithm 1).
 * @param backbone graph x (B, 3, H, W) in [0, 1] -> out
 * @param denoiser graph x (B, 3, H, W), t (B) -> out (B, 3 or 6, H, W): noise, then the variance value
 */
export async function restoreCrops(backbone: Session, denoiser: Session | undefined, job: RestoreJob, callbacks: RestoreCallbacks): Promise<RestoreOutcome> {
  const { crops, method } = job;
  callbacks.signal.throwIfAborted();
  const { out } = await backbone.run({ x: crops });
  const estimate = mapValues(out!, (value) => Math.min(1, Math.max(0, value)));
  if (method.kind === 'backbone') return { restored: estimate, estimate };
  if (!denoiser) throw new Error('the denoiser was not loaded');
  const noise = job.noise.kind === 'counter' ? counterNoise(job.noise.keys) : recordedNoise(job.noise.draws);
  const steps = callsOf(method.recipe);
  const x0 = mapValues(estimate, (value) => (value - 0.5) / 0.5);
  let last: Tensor = x0;
  callbacks.onStep(0, steps);
  for await (const { order, t, alphaBar, xT, predX0, xPrev } of restoreEstimate(networkDenoiser(denoiser), x0, method.recipe, { noise, signal: callbacks.signal })) {
    last = xPrev;
    if (job.keepStates) callbacks.onState({ order, t, alphaBar, xT, predX0 });
    callbacks.onStep(order + 1, steps);
    await new Promise((resolve) => setImmediate(resolve));              // lets a cancel message in: the runs themselves block this thread
  }
  return { restored: mapValues(last, (value) => Math.min(1, Math.max(0, value * 0.5 + 0.5))), estimate };
}

/** The UNet as a function. */
function networkDenoiser(session: Session): Denoiser {
  return async (x, t) => {
    const batch = x.shape[0]!;
    const { out } = await session.run({ x, t: { data: new Float32Array(batch).fill(t), shape: [batch] } });
    return out!.shape[1] === x.shape[1] ? { eps: out! } : splitPrediction(out!);
  };
}

/** What a UNet with learned variance says: (B, 2C, H, W), of which the first C channels are the noise, the others the variance value. */
export function splitPrediction({ data, shape: [batch, channels, ...area] }: Tensor): { readonly eps: Tensor; readonly variance: Tensor } {
  const shape = [batch!, channels! / 2, ...area];
  const half = sizeOf(shape) / batch!;
  const part = (offset: number): Tensor => {
    const values = new Float32Array(batch! * half);
    for (let b = 0; b < batch!; b++) values.set(data.subarray((2 * b + offset) * half, (2 * b + offset + 1) * half), b * half);
    return { data: values, shape };
  };
  return { eps: part(0), variance: part(1) };
}

function mapValues({ data, shape }: Tensor, change: (value: number) => number): Tensor {
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = change(data[i]!);
  return { data: out, shape };
}
