import type { Mesh } from './gBuffer.ts';
import { headProfile, jawDrop, relief, skullTop } from './headShape.ts';
import type { Expression, Identity } from './identity.ts';
import { noise2, smoothstep } from './random.ts';

export const materials = { background: 0, skin: 1, hair: 2, ear: 3, neck: 4, cloth: 5, frame: 6 } as const;

/** All surfaces of one person, in inter-ocular units around the point between the eyes. */
export function personMeshes(who: Identity, expression: Expression): readonly Mesh[] {
  return [
    ...(who.hairStyle === 'long' || who.hairStyle === 'medium' ? [hairCurtain(who)] : []),
    torso(who),
    neck(who),
    head(who, expression),
    ear(who, -1),
    ear(who, 1),
    ...(who.hairStyle === 'bald' ? [] : [hairCap(who)]),
  ];
}

function grid(columns: number, rows: number, material: number, place: (u: number, v: number, put: (x: number, y: number, z: number, a: number, b: number, c: number) => void) => void, hole?: Mesh['hole']): Mesh {
  const positions = new Float32Array(3 * columns * rows);
  const attributes = new Float32Array(3 * columns * rows);
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const n = 3 * (j * columns + i);
      place(i / (columns - 1), j / (rows - 1), (x, y, z, a, b, c) => {
        positions.set([x, y, z], n);
        attributes.set([a, b, c], n);
      });
    }
  }
  return { columns, rows, positions, attributes, material, ...(hole ? { hole } : {}) };
}

function head(who: Identity, expression: Expression): Mesh {
  const chin = who.chin + jawDrop(expression) * 0.8;
  return grid(120, 130, materials.skin, (u, v, put) => {
    const theta = (u * 2 - 1) * 2.05;
    const y = skullTop + (chin - skullTop) * (1 - Math.cos(v * Math.PI)) / 2;
    const { width, depth } = headProfile(who, y, chin);
    const x = width * Math.sin(theta);
    const front = smoothstep(-0.05, 0.45, Math.cos(theta));
    const z = depth * Math.cos(theta) + front * relief(who, expression, x, y) - 1.05;
    put(x, y, z, x, y, theta);
  });
}

/** Hair on the skull: a shell above the hairline, which runs from the forehead over the temples to the sideburns or over the ears. */
function hairCap(who: Identity): Mesh {
  const thick = who.hairStyle === 'short' ? 0.09 : 0.15;
  const side = who.hairStyle === 'short' ? 0.2 : who.hairStyle === 'medium' ? 0.95 : 1.5;
  const sideAngle = who.hairStyle === 'short' ? 1.12 : 0.98;
  const low = who.hairStyle === 'short' ? 0.9 : 1.45;
  return grid(120, 100, materials.hair, (u, v, put) => {
    const theta = (u * 2 - 1) * 3.1;
    const y = skullTop - thick + (low - skullTop + thick) * (1 - Math.cos(v * Math.PI * 0.75)) / (1 - Math.cos(Math.PI * 0.75));
    const inner = Math.min(Math.max(y, skullTop + 0.002) + thick * 0.6 * smoothstep(-0.6, skullTop - thick, y), who.chin - 0.2);
    const { width, depth } = headProfile(who, inner, who.chin + 0.25);
    const wave = 0.025 * noise2(theta * 5, y * 1.5, who.seed + 11) + 0.012 * noise2(theta * 17, y * 3, who.seed + 12);
    const grow = thick * (0.55 + 0.45 * smoothstep(0.2, 0.9, Math.abs(theta))) + wave;
    const round = smoothstep(skullTop - thick, skullTop + 0.12, y) ** 0.5;
    const x = (width * round + grow * round) * Math.sin(theta);
    const z = (depth * round + grow * round) * Math.cos(theta) - 1.05;
    put(x, y, z, theta, y, 0);
  }, (theta, y) => {
    const at = Math.abs(theta);
    const strands = 0.035 * noise2(theta * 22, y * 2, who.seed + 13) + 0.015 * noise2(theta * 50, y * 4, who.seed + 14);
    const sweep = who.fringe * 0.5 * Math.exp(-(((theta - who.parting * 0.9) / 0.55) ** 2));
    const forehead = who.hairline + 0.12 * (at / 0.8) ** 2 + sweep + strands;
    const limit = at < sideAngle ? forehead + smoothstep(sideAngle - 0.2, sideAngle, at) * 0.35 : side + strands * 2;
    return y > limit;
  });
}

/** Long hair behind and beside the neck. */
function hairCurtain(who: Identity): Mesh {
  const length = who.hairStyle === 'long' ? 2.7 : 1.35;
  return grid(60, 50, materials.hair, (u, v, put) => {
    const s = u * 2 - 1;
    const y = -1.1 + (length + 1.1) * v;
    const half = who.faceWidth * (0.25 + 0.8 * smoothstep(-1.15, -0.3, y) + 0.2 * smoothstep(-0.4, 0.8, y)) + 0.04 * noise2(y * 2, 3, who.seed + 15);
    const x = half * s;
    const z = -1.25 + 0.55 * smoothstep(0.55, 0.95, Math.abs(s)) * smoothstep(-0.4, 0.6, y) - 0.25 * s * s;
    put(x, y, z, s * 3, y, 1);
  }, (a, y) => y > length - 0.25 + 0.25 * noise2(a * 9, 0.5, who.seed + 16));
}

function ear(who: Identity, side: number): Mesh {
  return grid(14, 18, materials.ear, (u, v, put) => {
    const angle = u * Math.PI;
    const y = 0.02 + 0.62 * v;
    const { width } = headProfile(who, y, who.chin);
    const ring = Math.sin(Math.PI * Math.min(1, v * 0.94 + 0.05)) ** 0.6;
    const out = 0.16 * ring * Math.sin(angle) * (1 - 0.25 * v);
    const deep = -0.2 * ring * Math.cos(angle);
    put(side * (width * 0.97 + out), y, -1.02 + deep + 0.05 * v, u, v, side);
  });
}

function neck(who: Identity): Mesh {
  return grid(40, 24, materials.neck, (u, v, put) => {
    const theta = (u * 2 - 1) * 1.9;
    const y = 1.0 + 1.6 * v;
    const radius = who.faceWidth * (0.62 + 0.1 * smoothstep(0.45, 1, v) + 0.25 * smoothstep(0.75, 1, v));
    put(radius * Math.sin(theta), y, radius * Math.cos(theta) - 1.15 + 0.1 * v, theta, y, 0);
  });
}

/** Shoulders and chest, down to where a wide picture ends. */
function torso(who: Identity): Mesh {
  return grid(60, 90, materials.cloth, (u, v, put) => {
    const theta = (u * 2 - 1) * 1.7;
    const round = Math.min(1, v / 0.3) * (Math.PI / 2);                 // the shoulders are a quarter of an ellipse
    const collar = 0.12 * Math.exp(-((theta / 0.5) ** 2)) * Math.cos(round);
    const y = 2.32 + collar + 0.25 * (1 - Math.cos(theta)) * Math.cos(round) + 1.35 * (1 - Math.cos(round)) + 9 * Math.max(0, v - 0.3);
    const wide = (0.85 + 1.5 * Math.sin(round) + 0.15 * smoothstep(0.3, 1, v)) * who.faceWidth;
    put(wide * Math.sin(theta), y, (0.62 + 0.45 * Math.sin(round)) * Math.cos(theta) - 1.35, theta, v * 3, 0);
  });
}
