import type { Expression, Identity, Pose } from './identity.ts';
import { noise2, smoothstep } from './random.ts';

/** What somebody says: syllables as [beginning in seconds, length in seconds, openness 0..1]. */
export type Speech = readonly (readonly [number, number, number])[];

/** How wide the mouth is open at `time`, 0..1: continuous, closed between the words. */
export function mouthOpenAt(speech: Speech, time: number): number {
  let open = 0;
  for (const [begin, length, openness] of speech) {
    const t = (time - begin) / length;
    if (t > 0 && t < 1) open = Math.max(open, openness * Math.sin(Math.PI * t) ** 1.3);
  }
  return open;
}

/** How somebody looks at `time`: talks, blinks now and then, moves the brows with the voice, smiles while listening. */
export function expressionAt(who: Identity, speech: Speech, blinks: readonly number[], time: number): Expression {
  const open = mouthOpenAt(speech, time);
  const talking = speech.some(([begin, length]) => time > begin - 0.2 && time < begin + length + 0.2) ? 1 : 0;
  const lids = blinks.reduce((least, blink) => Math.min(least, smoothstep(0.03, 0.14, Math.abs(time - blink))), 1);
  return {
    mouthOpen: 0.65 * open,
    smile: 0.35 - 0.15 * talking + 0.2 * noise2(time * 0.7, 0.5, who.seed + 101),
    eyesOpen: 0.1 + 0.9 * lids,
    gaze: [0.22 * noise2(time * 0.8, 1.5, who.seed + 102), 0.08 * noise2(time * 0.8, 2.5, who.seed + 103)],
    browRaise: 0.3 * noise2(time * 1.1, 3.5, who.seed + 104) + 0.25 * open,
  };
}

/** A head that sways slowly around `towards` and nods a little with the voice. */
export function poseAt(who: Identity, speech: Speech, towards: Pose, time: number): Pose {
  return {
    yaw: towards.yaw + 0.12 * noise2(time * 0.6, 4.5, who.seed + 105),
    pitch: towards.pitch + 0.05 * noise2(time * 0.7, 5.5, who.seed + 106) + 0.03 * mouthOpenAt(speech, time),
    roll: towards.roll + 0.05 * noise2(time * 0.5, 6.5, who.seed + 107),
  };
}
