import { mix, Random } from './random.ts';

export type Rgb = readonly [number, number, number];

/**
 * Who somebody is. Lengths are in inter-ocular distances: the eyes lie at (-0.5, 0) and (0.5, 0), y downwards, z towards the viewer.
 * Colours are linear light, 0..1.
 */
export interface Identity {
  readonly seed: number;
  readonly faceWidth: number;          // half width at the cheekbones
  readonly jaw: number;                // jaw width over cheek width
  readonly chin: number;               // y of the chin
  readonly eyeWidth: number;           // half width
  readonly eyeHeight: number;          // half height when open
  readonly eyeSlant: number;
  readonly browHeight: number;
  readonly browThickness: number;
  readonly browDarkness: number;
  readonly noseLength: number;         // y of the tip
  readonly noseWidth: number;
  readonly noseHeight: number;
  readonly mouthY: number;
  readonly mouthWidth: number;         // half width
  readonly lipUpper: number;
  readonly lipLower: number;
  readonly age: number;                // 0..1: folds
  readonly skin: Rgb;
  readonly lip: Rgb;
  readonly iris: Rgb;
  readonly hair: Rgb;
  readonly hairStyle: 'bald' | 'short' | 'medium' | 'long';
  readonly hairline: number;           // y at the middle of the forehead
  readonly fringe: number;             // 0..1: how much hair falls over the forehead, to one side
  readonly parting: number;            // -1..1
  readonly beard: number;              // 0 none .. 1 full
  readonly freckles: number;
  readonly makeup: number;
  readonly glasses?: { readonly colour: Rgb; readonly round: number; readonly width: number; readonly height: number; readonly thickness: number; readonly tint: number };
  readonly clothing: Rgb;
}

/** What the face does at a moment. */
export interface Expression {
  readonly mouthOpen: number;          // 0..1
  readonly smile: number;              // -0.3..1
  readonly eyesOpen: number;           // 0 closed .. 1
  readonly gaze: readonly [number, number];
  readonly browRaise: number;          // -1..1
}

/** Angles in radians. */
export interface Pose {
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
}

const skins: readonly Rgb[] = [[0.78, 0.5, 0.37], [0.72, 0.45, 0.33], [0.62, 0.37, 0.25], [0.5, 0.28, 0.17], [0.33, 0.17, 0.095], [0.2, 0.1, 0.055], [0.12, 0.058, 0.034]];
const hairs: readonly Rgb[] = [[0.012, 0.009, 0.008], [0.03, 0.018, 0.011], [0.075, 0.036, 0.017], [0.16, 0.075, 0.028], [0.4, 0.24, 0.09], [0.25, 0.07, 0.02], [0.4, 0.38, 0.36], [0.14, 0.13, 0.125]];
const irises: readonly Rgb[] = [[0.06, 0.028, 0.014], [0.1, 0.05, 0.02], [0.16, 0.1, 0.035], [0.12, 0.16, 0.07], [0.12, 0.22, 0.36], [0.22, 0.28, 0.32]];

export function drawIdentity(seed: number): Identity {
  const r = new Random(seed);
  const tone = r.uniform(0, skins.length - 1.001);
  const low = skins[Math.floor(tone)]!;
  const high = skins[Math.floor(tone) + 1]!;
  const skin = low.map((value, i) => mix(value, high[i]!, tone % 1) * r.uniform(0.95, 1.05)) as unknown as Rgb;
  const dark = tone / (skins.length - 1);
  const age = r.uniform() ** 1.5;
  const feminine = r.chance(0.5);
  const hairStyle = feminine ? r.pick(['short', 'medium', 'long', 'long'] as const) : r.pick(['bald', 'short', 'short', 'short', 'medium'] as const);
  const hair = age > 0.75 && r.chance(0.6) ? hairs[6 + Math.floor(r.uniform() * 2)]! : hairs[Math.floor(r.uniform() ** (1 + 2 * dark) * 6)]!;
  const redness = r.uniform(0, feminine ? 0.9 : 0.35);
  return {
    seed: r.seed(),
    faceWidth: r.normal(1.17, 0.05),
    jaw: feminine ? r.normal(0.74, 0.04) : r.normal(0.82, 0.05),
    chin: r.normal(1.72, 0.07),
    eyeWidth: r.normal(0.268, 0.014),
    eyeHeight: r.normal(0.12, 0.012),
    eyeSlant: r.normal(0.02, 0.04),
    browHeight: r.normal(0.3, 0.03),
    browThickness: feminine ? r.normal(0.05, 0.01) : r.normal(0.075, 0.014),
    browDarkness: r.uniform(0.55, 0.95),
    noseLength: r.normal(0.6, 0.035),
    noseWidth: r.normal(0.25 + 0.06 * dark, 0.025),
    noseHeight: r.normal(0.33, 0.04),
    mouthY: r.normal(1.05, 0.035),
    mouthWidth: r.normal(0.42, 0.03),
    lipUpper: r.normal(0.075 + 0.03 * dark, 0.013),
    lipLower: r.normal(0.1 + 0.03 * dark, 0.016),
    age,
    skin,
    lip: [mix(skin[0], 0.45 * (1 - 0.5 * dark), 0.35 + 0.5 * redness), skin[1] * mix(0.62, 0.25, redness), skin[2] * mix(0.7, 0.45, redness)],
    iris: r.pick(dark > 0.5 ? irises.slice(0, 2) : irises),
    hair,
    hairStyle,
    hairline: r.normal(-0.82, 0.06) - (hairStyle === 'bald' ? 0.1 : 0),
    fringe: hairStyle === 'bald' || hairStyle === 'short' ? r.uniform(0, 0.5) * Number(r.chance(0.5)) : r.uniform() * Number(r.chance(0.6)),
    parting: r.uniform(-0.8, 0.8),
    beard: !feminine && r.chance(0.45) ? r.uniform(0.15, 1) : 0,
    freckles: dark < 0.4 && r.chance(0.2) ? r.uniform(0.3, 1) : 0,
    makeup: feminine ? r.uniform(0, 0.8) : 0,
    ...(r.chance(0.25)
      ? { glasses: { colour: r.pick([[0.01, 0.01, 0.012], [0.05, 0.02, 0.01], [0.015, 0.02, 0.06], [0.08, 0.01, 0.015]] as const), round: r.uniform(2, 4.5), width: r.normal(0.4, 0.025), height: r.normal(0.28, 0.03), thickness: r.uniform(0.045, 0.085), tint: r.uniform(0, 0.1) } }
      : {}),
    clothing: [r.uniform(0.01, 0.5), r.uniform(0.01, 0.5), r.uniform(0.01, 0.5)],
  };
}

export function drawExpression(seed: number): Expression {
  const r = new Random(seed ^ 0x51ed);
  const talks = r.chance(0.4);
  return {
    mouthOpen: talks ? r.uniform(0.05, 0.8) : 0,
    smile: r.chance(0.5) ? r.uniform(0.2, 1) : r.uniform(-0.2, 0.2),
    eyesOpen: r.chance(0.05) ? r.uniform(0.05, 0.75) : r.uniform(0.8, 1.1),
    gaze: [r.normal(0, 0.17), r.normal(0, 0.1)],
    browRaise: r.normal(0, 0.35),
  };
}

export function drawPose(seed: number): Pose {
  const r = new Random(seed ^ 0x7a11);
  return { yaw: r.normal(0, 0.18), pitch: r.normal(0.02, 0.08), roll: r.normal(0, 0.05) };
}
