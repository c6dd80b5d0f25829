import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../kernel/media/ffmpeg.ts';
import { encodePng } from '../kernel/media/image.ts';
import { degrade, enlarged, type Degradation } from './drawing/degrade.ts';
import { renderScene } from './drawing/render.ts';
import { clip, clipScene, portraitScene, speeches } from './drawing/sampleScenes.ts';
import { soundtrack } from './soundtrack.ts';

/**
 * Draws samples/portrait.png and samples/clip.mp4 with their ground truths: `npm run sample:draw`
 */
const here = import.meta.dirname;

/** Lengths in pixels of a 128 px face, of which the eyes lie 31 px apart. */
const spoilt: Degradation = { blur: { along: 1, across: 0.8, angle: 0.6 }, downsample: 2, noise: 5, quality: 70 };
const eyesOfFace = 31.5;

async function drawPortrait(): Promise<void> {
  const scene = portraitScene();
  const { image } = renderScene(scene);
  writeFileSync(join(here, 'portrait.truth.png'), await encodePng(image));
  const scale = Math.max(...scene.people.map((person) => person.scale));
  writeFileSync(join(here, 'portrait.png'), await encodePng(await degrade(image, enlarged(spoilt, scale / eyesOfFace), 5)));
}

async function drawClip(): Promise<void> {
  const truth: Buffer[] = [];
  const pictures: Buffer[] = [];
  const scale = Math.max(...clipScene(0).people.map((person) => person.scale));
  for (let frame = 0; frame < clip.seconds * clip.framesPerSecond; frame++) {
    const { image } = renderScene(clipScene(frame / clip.framesPerSecond));
    truth.push(Buffer.from(image.data));
    pictures.push(Buffer.from((await degrade(image, enlarged(spoilt, scale / eyesOfFace), 900 + frame)).data));
  }
  const folder = mkdtempSync(join(tmpdir(), 'difface-clip-'));
  try {
    const sound = join(folder, 'voices.wav');
    writeFileSync(sound, soundtrack([{ speech: speeches[0], pitch: 120, pan: -0.5 }, { speech: speeches[1], pitch: 190, pan: 0.5 }], clip.seconds));
    await encode(join(folder, 'frames.raw'), pictures, sound, '20', join(here, 'clip.mp4'));
    await encode(join(folder, 'frames.raw'), truth, sound, '12', join(here, 'clip.truth.mp4'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function encode(raw: string, frames: readonly Buffer[], sound: string, quality: string, target: string): Promise<void> {
  writeFileSync(raw, Buffer.concat(frames));
  execFileSync(await findProgram('ffmpeg'), [
    '-v', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${clip.width}x${clip.height}`, '-r', String(clip.framesPerSecond), '-i', raw, '-i', sound,
    '-vf', 'scale=out_color_matrix=bt709', '-c:v', 'libx264', '-preset', 'slow', '-crf', quality, '-pix_fmt', 'yuv420p',
    '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-c:a', 'aac', '-b:a', '64k', '-movflags', '+faststart', target,
  ]);
}

await drawPortrait();
await drawClip();
