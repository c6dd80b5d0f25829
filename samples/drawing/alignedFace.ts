import type { RgbImage } from '../../kernel/tensor/rgbImage.ts';
import { drawExpression, drawIdentity, drawPose } from './identity.ts';
import { Random } from './random.ts';
import { fivePoints, renderScene, type FivePoints } from './render.ts';
import { drawBackground, drawLight, type Person } from './scene.ts';

/** Where the five points lie in an aligned 512 px face crop (the template of FFHQ crops that the published models were trained on). */
const template = [[192.98138, 239.94708], [318.90277, 240.1936], [256.63416, 314.01935], [201.26117, 371.41043], [313.08905, 371.15118]] as const;

/**
 * Draws the face of `seed` as an aligned crop of `size` px.
 * @param jitter how inexact the alignment is: 1 about as inexact as a detector's, 0 exact
 */
export function drawAlignedFace(seed: number, size: number, jitter = 1): { readonly image: RgbImage; readonly person: Person } {
  const r = new Random(seed ^ 0x3a7e);
  let person: Person = { identity: drawIdentity(seed), expression: drawExpression(seed), pose: drawPose(seed), x: 0, y: 0, scale: size / 4 };
  for (let pass = 0; pass < 2; pass++) person = aligned(person, size);  // turning moves the pivot, hence twice
  const off = (size / 128) * jitter;
  person = {
    ...person,
    x: person.x + r.normal(0, 1.3 * off),
    y: person.y + r.normal(0, 1.3 * off),
    scale: person.scale * (1 + r.normal(0, 0.02 * jitter)),
    pose: { ...person.pose, roll: person.pose.roll + r.normal(0, 0.025 * jitter) },
  };
  const { image } = renderScene({ width: size, height: size, light: drawLight(seed), background: drawBackground(seed), people: [person] });
  return { image, person };
}

/** Moves, turns and scales a person so that its five points fit the template in the least-squares sense (Umeyama 1991, in the plane). */
function aligned(person: Person, size: number): Person {
  const from = fivePoints(person);
  const to = template.map(([x, y]) => ({ x: (x * size) / 512, y: (y * size) / 512 })) as unknown as FivePoints;
  const mean = (points: FivePoints): { x: number; y: number } => ({ x: points.reduce((s, p) => s + p.x, 0) / 5, y: points.reduce((s, p) => s + p.y, 0) / 5 });
  const [mf, mt] = [mean(from), mean(to)];
  let dot = 0;
  let cross = 0;
  let norm = 0;
  for (const [i, p] of from.entries()) {
    const [fx, fy, tx, ty] = [p.x - mf.x, p.y - mf.y, to[i]!.x - mt.x, to[i]!.y - mt.y];
    dot += fx * tx + fy * ty;
    cross += fx * ty - fy * tx;
    norm += fx * fx + fy * fy;
  }
  const turn = Math.atan2(cross, dot);
  const turned: Person = { ...person, scale: (person.scale * Math.hypot(dot, cross)) / norm, pose: { ...person.pose, roll: person.pose.roll + turn } };
  const now = mean(fivePoints(turned));
  return { ...turned, x: turned.x + mt.x - now.x, y: turned.y + mt.y - now.y };
}
