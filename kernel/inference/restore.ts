import type { Denoiser } from '../diffusion/denoiser.ts';
import { counterNoise, recordedNoise } from '../diffusion/noise.ts';
import { fromSampler, toSampler } from '../diffusion/range.ts';
import { plannedSteps, walk } from '../diffusion/walk.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { KeptState, RestoreJob, RestoreOutcome } from './protocol.ts';
import type { Session } from './session.ts';

export interface RestoreCallbacks {
  readonly signal: AbortSignal;
  readonly onStep: (step: number, steps: number) => void;
  readonly onState: (state: KeptState) => void;
}

/**
 * Restores a batch of aligned crops: backbone, clamp, diffuse to the start, walk back, clamp (Yue and Loy 2024, algorithm 1). What is known already is not computed again.
 * @param backbone graph x (B, 3, H, W) in [0, 1] -> out
 * @param denoiser graph x (B, 3, H, W), t (B) -> out (B, 3 or 6, H, W): noise, then the variance value
 */
export async function restoreCrops(backbone: Session, denoiser: Session | undefined, { crops, method, noise, kept, known }: RestoreJob, { signal, onStep, onState }: RestoreCallbacks): Promise<RestoreOutcome> {
  signal.throwIfAborted();
  const estimate = known?.estimate ?? clamped((await backbone.run({ x: crops }))['out']!);
  const x0 = toSampler(estimate);
  if (method.kind === 'backbone') return { restored: estimate, estimate, x0 };
  if (!denoiser) throw new Error('the denoiser was not loaded');
  const { recipe, turns } = method;
  const tracks = noise.kind === 'counter' ? noise.keys.map(({ track }) => track) : Array.from({ length: crops.shape[0]! }, (_, track) => track);
  const options = {
    noise: noise.kind === 'counter' ? counterNoise(noise.keys) : recordedNoise(noise.draws),
    reseeded: (seed: number) => counterNoise(tracks.map((track) => ({ seed, track }))),
    signal,
  };
  const steps = plannedSteps(recipe, turns).length;
  let last = known?.point?.x ?? x0;
  onStep(known?.point?.order ?? 0, steps);
  for await (const { xPrev, ...state } of walk(networkDenoiser(denoiser), recipe, turns, known?.point ?? { estimate: x0 }, options)) {
    last = xPrev;
    if (kept === 'all' || (kept !== 'none' && kept.includes(state.order))) onState(state);
    onStep(state.order + 1, steps);
    await new Promise((resolve) => setImmediate(resolve));              // lets a cancel message in: the runs themselves block this thread
  }
  return { restored: fromSampler(last), estimate, x0: last };
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

function clamped({ data, shape }: Tensor): Tensor {
  return { data: data.map((value) => Math.min(1, Math.max(0, value))), shape };
}
