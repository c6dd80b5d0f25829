import { KernelFailure } from '../failure.ts';
import { sizeOf, tensor, type Tensor } from '../tensor/tensor.ts';
import { philox4x32 } from './philox.ts';

/** What a draw is for: diffusing the estimate to the start, or the noise of one step of the walk. */
export type Draw =
  | { readonly kind: 'start'; readonly t: number }
  | { readonly kind: 'step'; readonly t: number; readonly order: number };

/** Standard normal noise for a whole batch, (B, C, H, W). `order` counts the steps of a walk from 0. */
export type NoiseSource = (draw: Draw, shape: readonly number[]) => Tensor;

/** Whose noise it is: the faces of one track share all of it, in crop coordinates. */
export interface NoiseKey {
  /** 0 .. 2^32 - 1 */
  readonly seed: number;
  /** 0 .. 2^32 - 1 */
  readonly track: number;
}

/**
 * Counter-based noise: `eps(seed, track, timestep, pixel)`. A value depends on nothing else, so that a face comes out the same in any batch, order,
 * process, or after a resume, and the frames of a track share every noise tensor.
 * Philox key: (seed, track). Counter: (index of the quadruple of values, t, purpose, 0). Two words make two values (Box and Muller 1958).
 * @param keys one for each element of the batch
 */
export function counterNoise(keys: readonly NoiseKey[]): NoiseSource {
  return (draw, shape) => {
    if (shape[0] !== keys.length) throw new RangeError(`noise for ${keys.length} faces cannot fill a batch of ${shape[0] ?? 0}`);
    const values = new Float32Array(sizeOf(shape));
    const size = values.length / keys.length;
    for (const [b, key] of keys.entries()) fillNormal(values.subarray(b * size, (b + 1) * size), key, draw);
    return tensor(values, shape);
  };
}

function fillNormal(values: Float32Array, { seed, track }: NoiseKey, draw: Draw): void {
  const words = new Uint32Array(4);
  const purpose = draw.kind === 'start' ? 1 : 2;
  for (let i = 0; i < values.length; i += 4) {
    philox4x32([i >>> 2, Math.round(draw.t * 1024), purpose, 0], [seed >>> 0, track >>> 0], words);
    for (let k = 0; k < 4 && i + k < values.length; k += 2) {
      const radius = Math.sqrt(-2 * Math.log((words[k]! + 1) / 4294967296));
      const angle = (2 * Math.PI * words[k + 1]!) / 4294967296;
      values[i + k] = radius * Math.cos(angle);
      if (i + k + 1 < values.length) values[i + k + 1] = radius * Math.sin(angle);
    }
  }
}

/**
 * Noise that was recorded elsewhere, for parity: (draws, B, C, H, W); draw 0 diffuses the estimate, draw 1 + j belongs to step j of the walk.
 * @throws KernelFailure('usage') when asked for more draws, or another shape, than were recorded
 */
export function recordedNoise(recording: Tensor): NoiseSource {
  return (draw, shape) => {
    const index = draw.kind === 'start' ? 0 : 1 + draw.order;
    const size = sizeOf(shape);
    const fits = recording.shape.slice(1).join() === shape.join();
    if (!fits || index >= (recording.shape[0] ?? 0)) {
      throw new KernelFailure('usage', `the recorded noise of shape (${recording.shape.join(', ')}) has no draw ${index} of shape (${shape.join(', ')})`);
    }
    return tensor(recording.data.subarray(index * size, (index + 1) * size), shape);
  };
}
