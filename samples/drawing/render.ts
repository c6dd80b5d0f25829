import type { Point, RgbImage } from '../../kernel/tensor/rgbImage.ts';
import { GBuffer, meshNormals, type Mesh } from './gBuffer.ts';
import { glassesLines } from './glasses.ts';
import { jawDrop, relief, headProfile } from './headShape.ts';
import type { Pose } from './identity.ts';
import { materials, personMeshes } from './meshes.ts';
import { mix, noise2, smoothstep } from './random.ts';
import { backgroundAt, type Person, type Scene } from './scene.ts';
import { paintSkin, type Material } from './skin.ts';

/** Left eye (smaller x), right eye, tip of the nose, left and right corner of the mouth, in pixels. */
export type FivePoints = readonly [Point, Point, Point, Point, Point];

const samples = 2;                                                      // a side; 4 samples a pixel
const distance = 9;                                                     // of the viewer, in inter-ocular units
const pivot = { y: 0.6, z: -1.0 };

/** Draws the scene: (3, height, width) as 8-bit sRGB, and where the five points of each person lie. */
export function renderScene(scene: Scene): { readonly image: RgbImage; readonly points: readonly FivePoints[] } {
  const width = scene.width * samples;
  const height = scene.height * samples;
  const light = new Float32Array(width * height * 3);
  const colour = new Float64Array(3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      backgroundAt(scene.background, x / width, y / height, colour);
      light.set(colour, 3 * (y * width + x));
    }
  }
  for (const person of scene.people) drawPerson(scene, person, light, width, height);
  return { image: develop(light, scene.width, scene.height), points: scene.people.map(fivePoints) };
}

export function fivePoints(person: Person): FivePoints {
  const { identity: who, expression } = person;
  const half = who.mouthWidth * (1 + 0.16 * Math.max(0, expression.smile) - 0.12 * expression.mouthOpen);
  const cornerY = who.mouthY - 0.075 * expression.smile + jawDrop(expression) * 0.12;
  const at = (x: number, y: number): Point => {
    const { width, depth } = headProfile(who, y, who.chin);
    const z = depth * Math.sqrt(Math.max(0, 1 - (x / width) ** 2)) + relief(who, expression, x, y) - 1.05;
    const out = new Float32Array(3);
    project(person, x, y, z, out);
    return { x: out[0]!, y: out[1]! };
  };
  return [at(-0.5, 0.01), at(0.5, 0.01), at(0, who.noseLength - 0.02), at(-half, cornerY), at(half, cornerY)];
}

function rotate(pose: Pose, x: number, y: number, z: number, out: Float32Array, o: number): void {
  const ry = y - pivot.y;
  const rz = z - pivot.z;
  const [cy, sy, cp, sp, cr, sr] = [Math.cos(pose.yaw), Math.sin(pose.yaw), Math.cos(pose.pitch), Math.sin(pose.pitch), Math.cos(pose.roll), Math.sin(pose.roll)];
  const x1 = x * cy + rz * sy;
  const z1 = rz * cy - x * sy;
  const y2 = ry * cp - z1 * sp;
  const z2 = z1 * cp + ry * sp;
  out[o] = x1 * cr - y2 * sr;
  out[o + 1] = x1 * sr + y2 * cr + pivot.y;
  out[o + 2] = z2 + pivot.z;
}

/** View space to pixels of the picture; the depth stays in inter-ocular units. */
function project(person: Person, x: number, y: number, z: number, out: Float32Array): void {
  rotate(person.pose, x, y, z, out, 0);
  const shrink = distance / (distance - out[2]!);
  out[0] = person.x + person.scale * out[0]! * shrink;
  out[1] = person.y + person.scale * out[1]! * shrink;
}

function drawPerson(scene: Scene, person: Person, light: Float32Array, width: number, height: number): void {
  const buffer = new GBuffer(width, height);
  for (const mesh of personMeshes(person.identity, person.expression)) {
    const view = new Float32Array(mesh.positions.length);
    const screen = new Float32Array(mesh.positions.length);
    const still = mesh.material === materials.cloth || mesh.material === materials.neck;
    const pose = still ? { yaw: person.pose.yaw * 0.3, pitch: person.pose.pitch * 0.2, roll: person.pose.roll * 0.3 } : person.pose;
    const placed = { ...person, pose };
    for (let i = 0; i < view.length; i += 3) {
      const [x, y, z] = [mesh.positions[i]!, mesh.positions[i + 1]!, mesh.positions[i + 2]!];
      rotate(pose, x, y, z, view, i);
      const out = screen.subarray(i, i + 3);
      project(placed, x, y, z, out);
      out[0] = (out[0]! + 0.5) * samples - 0.5;
      out[1] = (out[1]! + 0.5) * samples - 0.5;
    }
    buffer.draw(mesh, screen, orient({ ...mesh, positions: view }));
  }
  shade(scene, person, buffer, light);
  drawGlasses(scene, person, buffer, light);
}

function orient(mesh: Mesh): Float32Array {
  const normals = meshNormals(mesh);
  for (let i = 0; i < normals.length; i += 3) {
    if (normals[i + 2]! < 0) for (let k = 0; k < 3; k++) normals[i + k] = -normals[i + k]!;
  }
  return normals;
}

function shade(scene: Scene, person: Person, buffer: GBuffer, light: Float32Array): void {
  const { identity: who, expression } = person;
  const { direction: d, colour, sky, ground } = scene.light;
  const half = [d[0], d[1], d[2] + 1];
  const halfLength = Math.hypot(half[0]!, half[1]!, half[2]!);
  const m: Material = { r: 0, g: 0, b: 0, gloss: 0, open: 1 };
  for (let p = 0; p < buffer.material.length; p++) {
    const material = buffer.material[p]!;
    if (material === materials.background) continue;
    const [a, b, c] = [buffer.attributes[3 * p]!, buffer.attributes[3 * p + 1]!, buffer.attributes[3 * p + 2]!];
    let [nx, ny, nz] = [buffer.normals[3 * p]!, buffer.normals[3 * p + 1]!, buffer.normals[3 * p + 2]!];
    const length = Math.hypot(nx, ny, nz) || 1;
    nx /= length;
    ny /= length;
    nz /= length;
    m.open = 1;
    m.gloss = 0.2;
    let wrap = 0.25;
    if (material === materials.skin) {
      paintSkin(m, who, expression, a, b, c);
      if (who.hairStyle !== 'bald') m.open *= mix(1, 0.72, smoothstep(who.hairline + 0.3, who.hairline - 0.02, b) * (1 - 0.3 * Math.abs(a)));
      else m.gloss *= 1.3;
      m.open *= mix(1, 0.55, smoothstep(1.75, 1.25, Math.cos(c) + 1));
    } else if (material === materials.hair) {
      const strand = 0.72 + 0.26 * noise2(a * 24, b * 1.6, who.seed + 21) + 0.1 * noise2(a * 60, b * 2, who.seed + 22);
      const clump = 0.85 + 0.25 * noise2(a * 7, b * 1.1, who.seed + 23);
      m.r = who.hair[0] * strand * clump * 1.5;
      m.g = who.hair[1] * strand * clump * 1.5;
      m.b = who.hair[2] * strand * clump * 1.5;
      const band = Math.exp(-(((ny + 0.45 + 0.1 * noise2(a * 20, b, who.seed + 24)) / 0.2) ** 2));
      m.gloss = 0.12 + 0.35 * band * Math.max(0, strand);
      if (c > 0.5) m.open = 0.6;
      wrap = 0.4;
    } else if (material === materials.ear) {
      [m.r, m.g, m.b] = who.skin;
      m.r *= 1.05;
      m.g *= 0.88;
      m.b *= 0.85;
      m.open = 0.85 - 0.45 * Math.exp(-(((a - 0.5) / 0.16) ** 2) - ((b - 0.42) / 0.22) ** 2);
    } else if (material === materials.neck) {
      [m.r, m.g, m.b] = who.skin;
      m.open = mix(0.4, 0.85, smoothstep(who.chin - 0.15, who.chin + 0.75, b)) * mix(0.75, 1, Math.cos(a));
    } else {
      const weave = 0.93 + 0.07 * noise2(a * 40, b * 60, who.seed + 25) + 0.06 * noise2(a * 3, b * 1.2, who.seed + 26);
      m.r = who.clothing[0] * weave;
      m.g = who.clothing[1] * weave;
      m.b = who.clothing[2] * weave;
      m.gloss = 0.04;
    }
    const facing = nx * d[0] + ny * d[1] + nz * d[2];
    const lit = Math.max(0, (facing + wrap) / (1 + wrap)) * m.open;
    const blood = material === materials.skin || material === materials.neck ? 0.1 * Math.exp(-(((facing + 0.05) / 0.25) ** 2)) : 0;
    const up = (1 - ny) / 2;
    const spec = Math.max(0, (nx * half[0]! + ny * half[1]! + nz * half[2]!) / halfLength) ** 28 * m.gloss * 0.22 * m.open;
    const rim = (1 - nz) ** 3 * 0.06 * m.gloss;
    light[3 * p] = m.r * (colour[0] * (lit + blood) + mix(ground[0], sky[0], up) * m.open) + (spec + rim) * colour[0];
    light[3 * p + 1] = m.g * (colour[1] * lit + mix(ground[1], sky[1], up) * m.open) + (spec + rim) * colour[1];
    light[3 * p + 2] = m.b * (colour[2] * lit + mix(ground[2], sky[2], up) * m.open) + (spec + rim) * colour[2];
  }
}

/** Draws the frame as thick lines that the head can hide, and a trace of reflection on the lenses. */
function drawGlasses(scene: Scene, person: Person, buffer: GBuffer, light: Float32Array): void {
  const glasses = person.identity.glasses;
  if (!glasses) return;
  const { width, height } = buffer;
  const cover = new Float32Array(width * height);
  const out = new Float32Array(3);
  for (const line of glassesLines(person.identity)) {
    const temple = line.length === 9;
    for (let i = 0; i + 5 < line.length; i += 3) {
      for (let k = 0; k <= 40; k++) {
        const t = k / 40;
        project(person, mix(line[i]!, line[i + 3]!, t), mix(line[i + 1]!, line[i + 4]!, t), mix(line[i + 2]!, line[i + 5]!, t), out);
        stamp(cover, buffer, (out[0]! + 0.5) * samples - 0.5, (out[1]! + 0.5) * samples - 0.5, out[2]!, (glasses.thickness * (temple ? 0.8 : 1) * person.scale * samples) / 2);
      }
    }
  }
  const shine = 0.25 + 0.5 * Math.max(0, -scene.light.direction[1]);
  for (let p = 0; p < cover.length; p++) {
    const c = cover[p]!;
    if (c <= 0) continue;
    for (let k = 0; k < 3; k++) light[3 * p + k] = mix(light[3 * p + k]!, glasses.colour[k]! * (0.5 + shine), c);
  }
}

function stamp(cover: Float32Array, buffer: GBuffer, x: number, y: number, z: number, radius: number): void {
  const { width, height, depth } = buffer;
  for (let j = Math.max(0, Math.floor(y - radius - 1)); j <= Math.min(height - 1, Math.ceil(y + radius + 1)); j++) {
    for (let i = Math.max(0, Math.floor(x - radius - 1)); i <= Math.min(width - 1, Math.ceil(x + radius + 1)); i++) {
      const p = j * width + i;
      if (depth[p]! > z + 0.06) continue;
      cover[p] = Math.max(cover[p]!, Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(i - x, j - y))));
    }
  }
}

/** Averages the samples of each pixel in linear light and encodes as sRGB (IEC 61966-2-1). */
function develop(light: Float32Array, width: number, height: number): RgbImage {
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let k = 0; k < 3; k++) {
        let sum = 0;
        for (let j = 0; j < samples; j++) for (let i = 0; i < samples; i++) sum += light[3 * ((y * samples + j) * width * samples + x * samples + i) + k]!;
        const linear = Math.max(0, sum / samples ** 2);
        const soft = linear > 0.8 ? 0.8 + 0.2 * (1 - Math.exp(-(linear - 0.8) / 0.2)) : linear;      // highlights roll off
        const encoded = soft <= 0.0031308 ? 12.92 * soft : 1.055 * soft ** (1 / 2.4) - 0.055;
        data[3 * (y * width + x) + k] = Math.round(255 * Math.min(1, encoded));
      }
    }
  }
  return { width, height, data };
}
