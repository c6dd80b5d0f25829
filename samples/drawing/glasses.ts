import { headProfile } from './headShape.ts';
import type { Identity } from './identity.ts';

/** The frame as polylines in inter-ocular units: two whole rims, the bridge, two temples to the ears. */
export function glassesLines(who: Identity): readonly Float32Array[] {
  const g = who.glasses;
  if (!g) return [];
  const lines: Float32Array[] = [];
  const front = -0.02;                                                  // z of the lenses
  const middle = 0.52;
  for (const side of [-1, 1]) {
    const rim: number[] = [];
    for (let k = 0; k <= 48; k++) {
      const angle = (k / 48) * 2 * Math.PI;
      const c = Math.cos(angle);
      const s = Math.sin(angle);
      const x = middle + g.width * Math.sign(c) * Math.abs(c) ** (2 / g.round);
      rim.push(side * x, 0.06 + g.height * Math.sign(s) * Math.abs(s) ** (2 / g.round), front + 0.12 - 0.18 * (x - 0.3) ** 2);
    }
    lines.push(Float32Array.from(rim));
    const outer = middle + g.width;
    const ear = headProfile(who, 0.05, who.chin).width;
    lines.push(Float32Array.from([side * outer, -0.02, front + 0.02, side * Math.max(outer, ear * 0.98), -0.03, -0.3, side * ear * 1.03, 0, -1.05]));
  }
  const gap = middle - g.width;
  lines.push(Float32Array.from([-gap, 0, front + 0.14, -gap * 0.4, -0.05, front + 0.2, gap * 0.4, -0.05, front + 0.2, gap, 0, front + 0.14]));
  return lines;
}
