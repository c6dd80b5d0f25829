import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { findProgram } from '../kernel/media/ffmpeg.ts';
import type { RgbImage } from '../kernel/tensor/rgbImage.ts';
import { degrade, type Degradation } from './drawing/degrade.ts';
import { drawIdentity, type Expression, type Pose } from './drawing/identity.ts';
import { noise2 } from './drawing/random.ts';
import { renderScene } from './drawing/render.ts';
import { drawBackground, drawLight, type Person, type Scene } from './drawing/scene.ts';

/**
 * Draws samples/portrait.png and samples/clip.mp4 with their ground truths. `npx tsx samples/makeSamples.ts`
 * Identities are seeds that the training never draws.
 */
const left = drawIdentity(20_000_011);
const right = drawIdentity(20_000_023);

function spoil(scale: number): Degradation {
  return { blur: { along: 1.3 * scale, across: 1.0 * scale, angle: 0.6 }, downsample: 2.2 * scale, noise: 6, quality: 70 };
}

function calm(mouthOpen: number, smile: number, gazeX = 0): Expression {
  return { mouthOpen, smile, eyesOpen: 1, gaze: [gazeX, 0], browRaise: 0 };
}

async function savePng(path: string, image: RgbImage): Promise<void> {
  await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } }).png().toFile(path);
}

async function portrait(): Promise<void> {
  const pose = (yaw: number, pitch: number, roll: number): Pose => ({ yaw, pitch, roll });
  const scene: Scene = {
    width: 640, height: 480, light: drawLight(41), background: drawBackground(7),
    people: [
      { identity: left, expression: calm(0, 0.5), pose: pose(0.12, 0.02, 0.03), x: 215, y: 215, scale: 44 },
      { identity: right, expression: calm(0.25, 0.7), pose: pose(-0.15, 0, -0.04), x: 440, y: 200, scale: 38 },
    ],
  };
  const { image } = renderScene(scene);
  await savePng('samples/portrait.truth.png', image);
  await savePng('samples/portrait.png', await degrade(image, spoil(1.3), 5));
}

const frames = 60;
const rate = 15;

function frameScene(frame: number): Scene {
  const t = frame / rate;
  const talk = (who: number): number => Math.max(0, 0.35 * Math.sin(t * 9 + who) + 0.25 * noise2(t * 6, who, 3)) * (Math.sin(t * 1.6 + who * 3) > -0.3 ? 1 : 0.05);
  const blink = (who: number): number => (Math.abs(((t + who * 1.3) % 2.2) - 1.1) < 0.07 ? 0.1 : 1);
  const person = (identity: Person['identity'], who: number, x: number, scale: number): Person => ({
    identity,
    expression: { mouthOpen: talk(who), smile: 0.35 + 0.3 * Math.sin(t + who), eyesOpen: blink(who), gaze: [0.3 * Math.sin(t * 0.9 + who), 0], browRaise: 0.3 * Math.sin(t * 1.7 + who) },
    pose: { yaw: (who ? -0.2 : 0.2) + 0.14 * Math.sin(t * 1.3 + who), pitch: 0.05 * Math.sin(t * 1.9 + who), roll: 0.05 * Math.sin(t * 1.1 + 2 * who) },
    x: x + 9 * Math.sin(t * 0.8 + who), y: 128 + 4 * Math.sin(t * 1.5 + who), scale,
  });
  return { width: 480, height: 270, light: drawLight(41), background: drawBackground(12), people: [person(left, 0, 148, 33), person(right, 1, 335, 31)] };
}

async function clip(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'difface-clip-'));
  try {
    const truth: Buffer[] = [];
    const spoilt: Buffer[] = [];
    for (let frame = 0; frame < frames; frame++) {
      const { image } = renderScene(frameScene(frame));
      truth.push(Buffer.from(image.data));
      spoilt.push(Buffer.from((await degrade(image, spoil(0.95), 900 + frame)).data));
    }
    const voice = new Int16Array(16_000 * (frames / rate));
    for (let i = 0; i < voice.length; i++) {
      const t = i / 16_000;
      const envelope = Math.max(0, Math.sin(t * 9)) * (Math.sin(t * 1.6) > -0.3 ? 1 : 0.1);
      const pitch = 140 + 25 * Math.sin(t * 2.1);
      let value = 0;
      for (let k = 1; k < 12; k++) value += Math.sin(2 * Math.PI * pitch * k * t) * Math.exp(-(((k * pitch - 650 - 250 * Math.sin(t * 4)) / 500) ** 2));
      voice[i] = Math.round(5000 * envelope * value);
    }
    writeFileSync(join(folder, 'voice.raw'), Buffer.from(voice.buffer));
    const ffmpeg = await findProgram('ffmpeg');
    for (const [name, pictures, crf] of [['clip', spoilt, '20'], ['clip.truth', truth, '12']] as const) {
      writeFileSync(join(folder, 'frames.raw'), Buffer.concat(pictures));
      execFileSync(ffmpeg, ['-v', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '480x270', '-r', String(rate), '-i', join(folder, 'frames.raw'), '-f', 's16le', '-ar', '16000', '-ac', '1', '-i', join(folder, 'voice.raw'),
        '-vf', 'scale=out_color_matrix=bt709', '-c:v', 'libx264', '-preset', 'slow', '-crf', crf, '-pix_fmt', 'yuv420p', '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-c:a', 'aac', '-b:a', '48k', `samples/${name}.mp4`]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await portrait();
await clip();
