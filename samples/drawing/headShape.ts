import type { Expression, Identity } from './identity.ts';
import { smoothstep } from './random.ts';

/** y of the top of the skull. */
export const skullTop = -1.5;

/** Where the lower lip, and with it the jaw, sinks to when the mouth opens. */
export function jawDrop(expression: Expression): number {
  return 0.3 * expression.mouthOpen;
}

/** Half width (x) and depth (z) of the head at height y; both 0 at the skull's top and just under the chin. */
export function headProfile(who: Identity, y: number, chin: number): { readonly width: number; readonly depth: number } {
  const middle = 0.12;
  if (y < middle) {
    const t = (middle - y) / (middle - skullTop);
    const round = Math.sqrt(Math.max(0, 1 - t ** 2.3));
    return { width: who.faceWidth * (0.02 + 0.98 * round), depth: 1.18 * round };
  }
  const t = Math.min(1, (y - middle) / (chin - middle));
  const taper = 1 - (1 - who.jaw) * smoothstep(0, 0.75, t);
  const round = Math.sqrt(Math.max(0, 1 - Math.max(0, (t - 0.42) / 0.58) ** 2.2));
  return { width: who.faceWidth * taper * (0.1 + 0.9 * round), depth: 1.18 * (1 - 0.12 * t) * (0.78 + 0.22 * round) };
}

/** How far the surface stands out (z, positive towards the viewer) from the smooth head at (x, y): nose, lips, sockets, cheeks. */
export function relief(who: Identity, expression: Expression, x: number, y: number): number {
  const ax = Math.abs(x);
  const drop = jawDrop(expression);
  let z = 0;
  // Nose: a ridge that widens and rises towards the tip, then falls back; wings beside the tip.
  const along = y / who.noseLength;
  const ridge = smoothstep(-0.25, 0.95, along) ** 1.3 * (1 - smoothstep(1.0, 1.22, along));
  const width = 0.085 + 0.075 * smoothstep(0.3, 1, along);
  z += who.noseHeight * (0.28 * smoothstep(-0.3, 0.1, along) * (1 - smoothstep(0.9, 1.15, along)) + 0.72 * ridge) * Math.exp(-((x / width) ** 2));
  z += 0.13 * bump(ax - who.noseWidth * 0.72, y - who.noseLength - 0.02, 0.085, 0.085);
  // Eye sockets and lids, brow ridge.
  z -= 0.17 * bump(ax - 0.45, y - 0.02, 0.3, 0.16);
  z += 0.11 * bump(ax - 0.5, y, who.eyeWidth * 0.9, 0.1);
  z += 0.06 * bump(ax - 0.42, y + who.browHeight - 0.03, 0.34, 0.1);
  z += 0.03 * bump(x, y + 0.75, 0.7, 0.4);
  // Cheeks, more so in a smile.
  z += (0.06 + 0.05 * Math.max(0, expression.smile)) * bump(ax - 0.68, y - 0.55 + 0.05 * expression.smile, 0.28, 0.25);
  z -= 0.05 * bump(ax - 0.72, y - 1.05, 0.2, 0.3);
  // Mouth: a gentle mound, two lips with a crease between, the chin.
  const my = who.mouthY;
  z += 0.1 * bump(x, y - my - drop / 2, who.mouthWidth * 1.1, 0.24);
  z += 0.065 * bump(x, y - my + who.lipUpper * 0.55, who.mouthWidth * 0.72, 0.055);
  z += 0.08 * bump(x, y - my - drop - who.lipLower * 0.55, who.mouthWidth * 0.66, 0.065);
  z -= 0.05 * bump(x, y - my - drop / 2, who.mouthWidth * 0.9, 0.025 + drop / 3);
  z -= 0.045 * bump(x, y - my - drop - 0.24, 0.3, 0.07);
  z += 0.1 * bump(x, y - who.chin - drop * 0.8 + 0.22, 0.25, 0.15);
  z -= 0.025 * bump(x, y - (who.noseLength + my) / 2 - 0.02, 0.05, 0.12);
  // Nasolabial folds deepen with age and smile.
  const fold = (0.012 + 0.02 * who.age + 0.025 * Math.max(0, expression.smile));
  z -= fold * bump(ax - (0.32 + 0.35 * (y - who.noseLength)), (y - who.noseLength - 0.2) * 0.6, 0.045, 0.14);
  return z;
}

function bump(x: number, y: number, sx: number, sy: number): number {
  return Math.exp(-((x / sx) ** 2) - (y / sy) ** 2);
}
