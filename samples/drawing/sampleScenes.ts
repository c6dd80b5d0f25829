import { expressionAt, poseAt, type Speech } from './conversation.ts';
import { drawIdentity } from './identity.ts';
import { drawBackground, drawLight, type Scene } from './scene.ts';

/** Seeds from here on are neither trained on nor evaluated. */
const first = 20_000_000;

/** Two people of different size, still. */
export function portraitScene(): Scene {
  const [near, far] = [drawIdentity(first + 9), drawIdentity(first + 22)];
  return {
    width: 800,
    height: 600,
    light: drawLight(first + 3),
    background: drawBackground(first + 6),
    people: [
      { identity: far, expression: { mouthOpen: 0, smile: 0.5, eyesOpen: 1, gaze: [-0.1, 0], browRaise: 0.1 }, pose: { yaw: -0.16, pitch: 0.02, roll: -0.04 }, x: 548, y: 258, scale: 46 },
      { identity: near, expression: { mouthOpen: 0.1, smile: 0.7, eyesOpen: 1, gaze: [0.05, 0], browRaise: 0.1 }, pose: { yaw: 0.12, pitch: 0.02, roll: 0.05 }, x: 285, y: 232, scale: 64 },
    ],
  };
}

export const clip = { width: 640, height: 360, framesPerSecond: 15, seconds: 4 } as const;

/** Who says what when in the clip: the person on the left, then the one on the right. */
export const speeches: readonly [Speech, Speech] = [
  [[0.2, 0.22, 0.8], [0.42, 0.2, 0.6], [0.64, 0.26, 1], [1, 0.18, 0.5], [1.18, 0.3, 0.9], [1.55, 0.25, 0.7], [3.5, 0.3, 0.6]],
  [[1.9, 0.25, 0.9], [2.18, 0.2, 0.6], [2.4, 0.3, 1], [2.8, 0.2, 0.7], [3.02, 0.3, 0.9], [3.6, 0.25, 0.5]],
];

/** The clip at `time` seconds: two people talk to each other. */
export function clipScene(time: number): Scene {
  const [left, right] = [drawIdentity(first + 18), drawIdentity(first + 48)];
  return {
    width: clip.width,
    height: clip.height,
    light: drawLight(first + 31),
    background: drawBackground(first + 12),
    people: [
      { identity: left, expression: expressionAt(left, speeches[0], [0.9, 2.6], time), pose: poseAt(left, speeches[0], { yaw: 0.14, pitch: 0.02, roll: 0.02 }, time), x: 196 + 5 * Math.sin(1.1 * time), y: 150 + 2 * Math.sin(2.3 * time), scale: 44 },
      { identity: right, expression: expressionAt(right, speeches[1], [1.6, 3.35], time), pose: poseAt(right, speeches[1], { yaw: -0.14, pitch: 0.02, roll: -0.02 }, time), x: 440 + 5 * Math.sin(0.9 * time + 1), y: 146 + 2 * Math.sin(2 * time + 2), scale: 41 },
    ],
  };
}
