import type { Tensor } from '../tensor/tensor.ts';

/** A picture in [0, 1] in the sampler's range, [-1, 1]. */
export function toSampler({ data, shape }: Tensor): Tensor {
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = (data[i]! - 0.5) / 0.5;
  return { data: out, shape };
}

/** What a walk ended in as a picture, clipped to [0, 1]. */
export function fromSampler({ data, shape }: Tensor): Tensor {
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = Math.min(1, Math.max(0, data[i]! * 0.5 + 0.5));
  return { data: out, shape };
}
