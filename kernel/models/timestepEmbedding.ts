import { Value } from '../nn/value.ts';

/**
 * Sinusoidal embedding of timesteps t (B) float32 in 0..999: [cos(t f_0), ..., sin(t f_0), ...] with f_k = 10000^(-k / half) and
 * half = floor(channels / 2), a zero appended when `channels` is odd (Vaswani et al. 2017, section 3.5; cosines first as in
 * guided-diffusion). The frequencies are rounded like the reference's, step by step in float32: their last bit is visible at t = 999.
 */
export function timestepEmbedding(t: Value, channels: number): Value {               // (B) -> (B, channels)
  const half = Math.floor(channels / 2);
  const { graph } = t;
  const frequencies = Float32Array.from({ length: half }, (_, k) => {
    const exponent = Math.fround(Math.fround(Math.fround(-Math.log(10000)) * k) / half);
    return Math.exp(exponent);
  });
  const angle = reduceAngle(t.reshape(-1, 1).mul(graph.constant({ dtype: 'float32', shape: [1, half] }, frequencies)));
  const parts = [angle.apply('Cos'), angle.apply('Sin')];
  if (channels % 2 === 1) parts.push(graph.constant({ dtype: 'float32', shape: [t.extent(0), 1] }, new Float32Array(t.extent(0))));
  return Value.concat(parts, 1);
}

/** The same angle within [-pi, pi], where the sine and cosine of every GPU are accurate (Cody & Waite 1980). */
function reduceAngle(angle: Value): Value {
  const turn = 6.28125;                                                // the leading 8 bits of 2 pi: its product with a whole number below 2^16 is exact
  const rest = 2 * Math.PI - turn;
  const turns = angle.div(2 * Math.PI).apply('Round');
  return angle.sub(turns.mul(turn)).sub(turns.mul(rest));
}
