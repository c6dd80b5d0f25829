import type { Expression, Identity, Pose, Rgb } from './identity.ts';
import { mix, noise2, Random, smoothstep } from './random.ts';

export interface Light {
  /** Direction towards the light: x right, y down, z towards the viewer; unit length. */
  readonly direction: Rgb;
  readonly colour: Rgb;
  readonly sky: Rgb;
  readonly ground: Rgb;
}

export interface Background {
  readonly top: Rgb;
  readonly bottom: Rgb;
  readonly spots: readonly { readonly x: number; readonly y: number; readonly radius: number; readonly colour: Rgb; readonly soft: number }[];
  readonly seed: number;
}

export interface Person {
  readonly identity: Identity;
  readonly expression: Expression;
  readonly pose: Pose;
  /** Pixel between the eyes, and pixels from eye to eye when seen from the front. */
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly light: Light;
  readonly background: Background;
  /** From back to front. */
  readonly people: readonly Person[];
}

export function drawLight(seed: number): Light {
  const r = new Random(seed ^ 0x11c7);
  const across = r.normal(0, 0.6);
  const up = r.uniform(-0.9, 0.05);
  const ahead = r.uniform(0.55, 1);
  const length = Math.hypot(across, up, ahead);
  const warm = r.normal(0, 0.1);
  const strength = r.uniform(0.75, 1.15);
  const fill = r.uniform(0.22, 0.5);
  return {
    direction: [across / length, up / length, ahead / length],
    colour: [strength * (1 + warm), strength, strength * (1 - warm)],
    sky: [fill, fill * 1.02, fill * (1.05 - warm)],
    ground: [fill * 0.6, fill * 0.55, fill * 0.5],
  };
}

export function drawBackground(seed: number): Background {
  const r = new Random(seed ^ 0x6b0c);
  const base = r.uniform(0.02, 0.6);
  const hue: Rgb = [r.uniform(0.7, 1.3), r.uniform(0.7, 1.3), r.uniform(0.7, 1.3)];
  const tint = (): Rgb => hue.map((part) => base * part * r.uniform(0.85, 1.15)) as unknown as Rgb;
  const spots = Array.from({ length: r.chance(0.5) ? Math.floor(r.uniform(2, 5)) : 0 }, () => ({ x: r.uniform(-0.1, 1.1), y: r.uniform(-0.1, 1.1), radius: r.uniform(0.2, 0.55), colour: tint(), soft: r.uniform(0.7, 1) }));
  return { top: tint(), bottom: tint(), spots, seed: r.seed() };
}

/** Linear colour of the background at (x, y) in 0..1 of the picture. */
export function backgroundAt(background: Background, x: number, y: number, out: Float64Array): void {
  const t = smoothstep(0, 1, y + 0.08 * noise2(x * 2, y * 2, background.seed));
  for (let k = 0; k < 3; k++) out[k] = mix(background.top[k]!, background.bottom[k]!, t);
  for (const spot of background.spots) {
    const d = Math.hypot(x - spot.x, y - spot.y) / spot.radius;
    const cover = 0.7 * (1 - smoothstep(1 - spot.soft, 1, d));
    for (let k = 0; k < 3; k++) out[k] = mix(out[k]!, spot.colour[k]!, cover);
  }
}
