import { jawDrop } from './headShape.ts';
import type { Expression, Identity } from './identity.ts';
import { mix, noise2, smoothstep } from './random.ts';

/** What the surface is made of at a point: linear albedo, strength of the highlight, how much light its hollow lets in. */
export interface Material {
  r: number;
  g: number;
  b: number;
  gloss: number;
  open: number;
}

/** Paints the face at (x, y) in inter-ocular units; `theta` is the angle around the head, 0 in front. */
export function paintSkin(out: Material, who: Identity, expression: Expression, x: number, y: number, theta: number): void {
  const ax = Math.abs(x);
  let [r, g, b] = who.skin;
  out.gloss = 0.35 + 0.25 * Math.exp(-((x / 0.12) ** 2)) * smoothstep(-1, 0.5, y);
  out.open = 1;

  // Blood under the skin, mottling, freckles.
  const flush = 0.1 * Math.exp(-(((ax - 0.62) / 0.3) ** 2) - ((y - 0.5) / 0.26) ** 2) * (1 + who.makeup) + 0.12 * Math.exp(-((x / 0.16) ** 2) - ((y - who.noseLength) / 0.16) ** 2);
  const mottle = 1 + 0.05 * noise2(theta * 5, y * 5, who.seed) + 0.03 * noise2(theta * 16, y * 16, who.seed + 1);
  r *= mottle * (1 + flush * 0.6);
  g *= mottle * (1 - flush * 0.9);
  b *= mottle * (1 - flush * 0.7);
  if (who.freckles > 0) {
    const spot = smoothstep(0.45, 0.75, noise2(x * 22, y * 22, who.seed + 2)) * Math.exp(-((y - 0.42) ** 2) / 0.14) * who.freckles;
    r *= 1 - 0.25 * spot;
    g *= 1 - 0.45 * spot;
    b *= 1 - 0.55 * spot;
  }
  // Hollows: beside the nose, under the brows and the lower lip, under the eyes; lines with age.
  out.open *= 1 - 0.35 * gauss(ax - 0.3, y - 0.02, 0.13, 0.14);
  out.open *= 1 - 0.14 * gauss(ax - 0.48, y - 0.22, 0.2, 0.06) * (0.6 + who.age);
  out.open *= 1 - 0.4 * gauss(x, y - who.noseLength - 0.13, who.noseWidth * 0.8, 0.05);
  out.open *= 1 - 0.25 * gauss(x, y - who.mouthY - jawDrop(expression) - who.lipLower - 0.1, 0.24, 0.045);
  if (who.age > 0.3) {
    const wave = smoothstep(0.6, 1, Math.sin((y + 0.03 * noise2(x * 3, y, who.seed)) * 42));
    out.open *= 1 - 0.16 * (who.age - 0.3) * wave * gauss(x, y + 0.62, 0.55, 0.12);
    out.open *= 1 - 0.2 * (who.age - 0.3) * smoothstep(0.5, 1, Math.sin(Math.atan2(y, ax - 0.5) * 9)) * gauss(ax - 0.86, y, 0.09, 0.12);
  }
  // Nostrils.
  const nostril = gauss(ax - who.noseWidth * 0.38, y - who.noseLength - 0.085, 0.05, 0.026);
  const n = smoothstep(0.35, 0.8, nostril);
  r *= 1 - 0.85 * n;
  g *= 1 - 0.92 * n;
  b *= 1 - 0.92 * n;

  // Beard: stubble that thickens, around the mouth and along the jaw.
  if (who.beard > 0) {
    const zone = smoothstep(0.72, 0.98, y + 0.28 * smoothstep(0.45, 0.95, ax)) * (1 - gauss(x, y - who.mouthY - 0.02, who.mouthWidth * 0.9, 0.14) * 0.92) * (1 - 0.6 * gauss(x, y - who.mouthY + 0.23, 0.06, 0.12));
    const strand = 0.6 + 0.4 * noise2(theta * 42, y * 9, who.seed + 3);
    const cover = Math.min(1, zone * (0.25 + 0.75 * who.beard) * (who.beard > 0.5 ? 0.75 + 0.4 * strand : 0.8 * strand));
    r = mix(r, who.hair[0] * (0.7 + 0.8 * strand), cover);
    g = mix(g, who.hair[1] * (0.7 + 0.8 * strand), cover);
    b = mix(b, who.hair[2] * (0.7 + 0.8 * strand), cover);
    out.gloss *= 1 - cover;
  }
  // Brows: strands along an arch.
  const inner = (ax - 0.5) / 0.4;
  if (inner > -1.15 && inner < 1.15) {
    const lift = who.browHeight + 0.07 * expression.browRaise - 0.1 * inner * inner + 0.035 * inner - who.eyeSlant * inner;
    const thick = who.browThickness * (1 - 0.65 * smoothstep(0.1, 1.1, inner)) * smoothstep(-1.12, -0.85, inner) * (1 - smoothstep(0.85, 1.1, inner));
    const off = (y + lift) / Math.max(0.004, thick);
    const strand = 0.5 + 0.5 * noise2(ax * 46 + y * 30, y * 14 - ax * 6, who.seed + 4);
    const cover = (1 - smoothstep(0.55, 1.15, Math.abs(off))) * who.browDarkness * (0.6 + 0.4 * strand);
    r = mix(r, who.hair[0] * 0.8, cover);
    g = mix(g, who.hair[1] * 0.8, cover);
    b = mix(b, who.hair[2] * 0.8, cover);
  }
  out.r = r;
  out.g = g;
  out.b = b;
  paintMouth(out, who, expression, x, y);
  paintEye(out, who, expression, x, y);
}

function paintMouth(out: Material, who: Identity, expression: Expression, x: number, y: number): void {
  const half = who.mouthWidth * (1 + 0.16 * Math.max(0, expression.smile) - 0.12 * expression.mouthOpen);
  const u = x / half;
  if (Math.abs(u) > 1.15 || Math.abs(y - who.mouthY) > 0.6) return;
  const drop = jawDrop(expression);
  const bend = -0.075 * expression.smile * u * u + 0.012 * Math.cos(u * Math.PI * 2) * (1 - u * u);
  const arch = Math.max(0, 1 - u * u);
  const upperEdge = who.mouthY + bend + 0.002;                          // lower rim of the upper lip
  const lowerEdge = upperEdge + drop * arch ** 0.6 + 0.004;             // upper rim of the lower lip
  const bow = 1 - 0.22 * Math.exp(-((u / 0.14) ** 2)) + 0.12 * Math.exp(-(((Math.abs(u) - 0.28) / 0.16) ** 2));
  const top = upperEdge - who.lipUpper * arch ** 0.75 * bow;
  const bottom = lowerEdge + who.lipLower * arch ** 0.7;
  const soft = 0.02;
  const lips = smoothstep(top - soft, top + soft, y) * (1 - smoothstep(bottom - soft, bottom + soft, y)) * smoothstep(0, 0.06, arch);
  const creases = 1 - 0.12 * Math.max(0, noise2(x * 40, y * 5, who.seed + 5));
  out.r = mix(out.r, who.lip[0] * creases, lips * 0.9);
  out.g = mix(out.g, who.lip[1] * creases, lips * 0.9);
  out.b = mix(out.b, who.lip[2] * creases, lips * 0.9);
  out.gloss = mix(out.gloss, 0.8, lips);
  const inside = smoothstep(upperEdge - 0.008, upperEdge + 0.012, y) * (1 - smoothstep(lowerEdge - 0.012, lowerEdge + 0.008, y)) * smoothstep(0, 0.05, arch);
  if (inside > 0) {
    const depth = lowerEdge - upperEdge;
    const teeth = depth > 0.03 ? 1 - smoothstep(0.05, 0.075, y - upperEdge - 0.015 * u * u) : 0;
    const gap = 1 - 0.25 * smoothstep(0.75, 1, Math.abs(Math.sin(u * 11)));
    const shade = (1 - 0.55 * Math.abs(u)) * gap;
    out.r = mix(out.r, mix(0.06, 0.62 * shade, teeth), inside);
    out.g = mix(out.g, mix(0.016, 0.57 * shade, teeth), inside);
    out.b = mix(out.b, mix(0.014, 0.5 * shade, teeth), inside);
    out.gloss = mix(out.gloss, 0.2, inside);
  }
  // The line between the lips, and the corners.
  const line = Math.exp(-(((y - upperEdge) / 0.016) ** 2)) * smoothstep(-0.05, 0.12, arch) * (drop > 0.03 ? 0.3 : 0.75);
  const corner = gauss(Math.abs(u) - 1, (y - upperEdge) / half, 0.07, 0.07) * 0.45;
  out.open *= (1 - line) * (1 - corner);
}

/** Both eyes are the same eye, mirrored; only the gaze is shared in direction. */
function paintEye(out: Material, who: Identity, expression: Expression, x: number, y: number): void {
  const side = x < 0 ? -1 : 1;
  const ex = (Math.abs(x) - 0.5) / who.eyeWidth;                        // -1 inner corner .. 1 outer corner
  if (Math.abs(ex) > 1.5 || Math.abs(y) > 0.45) return;
  const tilt = y + who.eyeSlant * ex;
  const arch = Math.max(0, 1 - ex * ex);
  const upper = -who.eyeHeight * expression.eyesOpen * 1.12 * arch ** 0.62 * (1 + 0.12 * ex) + 0.015;
  const lower = who.eyeHeight * 0.72 * Math.min(1, expression.eyesOpen + 0.2) * arch ** 0.75 + 0.015 - 0.03 * Math.max(0, expression.smile);
  const soft = 0.014;
  const inside = smoothstep(upper - soft, upper + soft, tilt) * (1 - smoothstep(lower - soft, lower + soft, tilt)) * smoothstep(0, 0.08, arch);
  // The lid's crease and the lashes.
  const crease = Math.exp(-(((tilt - upper + 0.065) / 0.02) ** 2)) * smoothstep(-0.35, 0.3, 1.1 - ex * ex) * 0.4;
  out.open *= 1 - crease;
  if (who.makeup > 0) {
    const shadow = smoothstep(-0.2, -0.04, tilt - upper) * (1 - smoothstep(-0.01, 0.02, tilt - upper)) * smoothstep(-0.2, 0.4, 1.15 - ex * ex) * who.makeup * 0.5;
    out.r *= 1 - shadow * 0.5;
    out.g *= 1 - shadow * 0.75;
    out.b *= 1 - shadow * 0.6;
  }
  if (inside > 0) {
    const cx = 0.34 * expression.gaze[0] * side;
    const cy = 0.015 + who.eyeHeight * 0.35 * expression.gaze[1] - 0.012;
    const dx = (ex - cx) * who.eyeWidth;
    const dy = tilt - cy;
    const radius = Math.hypot(dx, dy);
    const iris = 0.112;
    let r = 0.66;
    let g = 0.62;
    let b = 0.6;
    const pink = smoothstep(0.55, 1, Math.abs(ex));
    g *= 1 - 0.22 * pink;
    b *= 1 - 0.25 * pink;
    const inIris = 1 - smoothstep(iris - 0.013, iris + 0.009, radius);
    const spoke = 0.85 + 0.3 * noise2(Math.atan2(dy, dx) * 4, radius * 12, who.seed + 6);
    const ring = 1 - 0.6 * smoothstep(0.7, 1, radius / iris);
    r = mix(r, who.iris[0] * spoke * ring, inIris);
    g = mix(g, who.iris[1] * spoke * ring, inIris);
    b = mix(b, who.iris[2] * spoke * ring, inIris);
    const pupil = 1 - smoothstep(0.036, 0.052, radius);
    r = mix(r, 0.004, pupil);
    g = mix(g, 0.004, pupil);
    b = mix(b, 0.005, pupil);
    const shade = mix(0.45, 1, smoothstep(0, 0.085, tilt - upper)) * (1 - 0.25 * smoothstep(0.5, 1, Math.abs(ex)));
    const glint = 1 - smoothstep(0.022, 0.036, Math.hypot(dx * side + 0.035, dy + 0.042));
    out.r = mix(out.r, r * shade + 0.9 * glint, inside);
    out.g = mix(out.g, g * shade + 0.9 * glint, inside);
    out.b = mix(out.b, b * shade + 0.9 * glint, inside);
    out.gloss = mix(out.gloss, 0.15, inside);
    out.open = mix(out.open, 1, inside);
  }
  const lash = Math.exp(-(((tilt - upper + 0.004) / (0.019 + 0.008 * who.makeup)) ** 2)) * smoothstep(-0.1, 0.15, 1.06 - ex * ex) * (0.75 + 0.2 * who.makeup);
  const lashLow = Math.exp(-(((tilt - lower - 0.006) / 0.014) ** 2)) * smoothstep(0, 0.3, 1.02 - ex * ex) * 0.35;
  const dark = 1 - Math.min(0.95, lash + lashLow);
  out.r *= dark;
  out.g *= dark;
  out.b *= dark;
}

function gauss(x: number, y: number, sx: number, sy: number): number {
  return Math.exp(-((x / sx) ** 2) - (y / sy) ** 2);
}
