import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { cropFace } from '../kernel/faces/align.ts';
import { decodeFrames } from '../kernel/media/decode.ts';
import { encodePng } from '../kernel/media/image.ts';
import { probeClip, type ClipInfo } from '../kernel/media/probe.ts';
import { psnr, ssim } from '../kernel/metrics/fidelity.ts';
import { flicker } from '../kernel/metrics/flicker.ts';
import { highFrequencyPower } from '../kernel/metrics/highFrequency.ts';
import { EnginePool } from '../kernel/pipeline/enginePool.ts';
import { findTracks, steadyAlignment } from '../kernel/pipeline/findTracks.ts';
import type { FileResult } from '../kernel/pipeline/progress.ts';
import { methodOf, type Method } from '../kernel/pipeline/request.ts';
import { defaultSeed } from '../kernel/recipe/restoreOptions.ts';
import { sheet } from '../kernel/trajectory/strip.ts';
import { rgbToTensor, tensorToRgb } from '../kernel/tensor/imageTensor.ts';
import type { RgbImage } from '../kernel/tensor/rgbImage.ts';
import { findModel } from '../kernel/weights/catalog.ts';

/**
 * Restores the sample clip with the sample model, as a person at a terminal would, and measures the result against the truth: `npm run demo`
 * Leaves out/demo: the restored clip, a sheet of frames before and after, the sheet of a trajectory, and the states themselves.
 */
const root = join(import.meta.dirname, '..');
const source = join(root, 'samples', 'clip.mp4');
const truthClip = join(root, 'samples', 'clip.truth.mp4');
const folder = join(root, 'out', 'demo');
/** Frames of each track whose restoration is repeated, with shared and with independent noise. */
const measured = 16;
const shownFrames = 3;
const signal = new AbortController().signal;

async function main(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  console.log('difface restore samples/clip.mp4 --model sample --trajectory --output out/demo\n');
  const result = await restoreWithCommand();
  const restored = await probeClip(result.output);
  const original = await probeClip(source);

  const before = join(folder, 'before-after.png');
  await writeFile(before, await encodePng(await beforeAndAfter(original, restored)));
  const trajectory = join(folder, 'trajectory.png');
  await sharp(join(result.trajectory!, 'face-1', 'strip.png')).toFile(trajectory);

  console.log(`\nmeasuring ${measured} frames of each face, in face coordinates, against the truth`);
  await measure(original);
  console.log(`\n${[result.output, before, trajectory, result.trajectory].join('\n')}`);
}

/** Runs the bundled command line; its progress goes to the terminal. */
async function restoreWithCommand(): Promise<Extract<FileResult, { status: 'restored' }>> {
  const child = spawn(process.execPath, [join(root, 'dist', 'cli.cjs'), 'restore', source, '--model', 'sample', '--trajectory', '--output', folder, '--again', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let answer = '';
  child.stdout.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [result] = code === 0 ? (JSON.parse(answer) as { results: readonly FileResult[] }).results : [];
  if (result?.status !== 'restored') throw new Error(`the clip was not restored (exit code ${code ?? 'none'}) ${answer}`);
  console.log(`${result.faces.length} faces in ${result.faces[0]!.frames.count} frames restored in ${result.seconds.toFixed(0)} s`);
  return result;
}

/** Some frames of the clip above the same frames restored. */
async function beforeAndAfter(original: ClipInfo, restored: ClipInfo): Promise<RgbImage> {
  const chosen = Array.from({ length: shownFrames }, (_, i) => Math.round(((i + 0.5) * original.timestamps.length) / shownFrames));
  return sheet([await framesOf(original, (index) => chosen.includes(index)), await framesOf(restored, (index) => chosen.includes(index))]);
}

async function framesOf(info: ClipInfo, wanted: (index: number) => boolean): Promise<RgbImage[]> {
  const frames: RgbImage[] = [];
  for await (const frame of decodeFrames(info, signal)) if (wanted(frame.index)) frames.push(frame);
  return frames;
}

async function measure(original: ClipInfo): Promise<void> {
  const model = await findModel('sample');
  const method = methodOf({}, model.description);
  const engines = new EnginePool();
  const engine = await engines.engine({ model, device: 'auto', precision: 'float32' });
  try {
    const tracks = await findTracks(original, engine.finder('builtin'), { signal });
    const [input, truth] = await Promise.all([original, await probeClip(truthClip)].map((info) => framesOf(info, (index) => index < measured)));
    const faces = tracks.filter(({ first, landmarks }) => first === 0 && landmarks.length >= measured).map((track) => {
      const alignment = steadyAlignment(track, engine.faceSize);
      const cut = (frames: readonly RgbImage[]): RgbImage[] => frames.map((frame, i) => cropFace(frame, alignment[i]!, engine.faceSize));
      return { track: track.id, input: cut(input!), truth: cut(truth!) };
    });
    const kinds: Record<string, readonly (readonly RgbImage[])[]> = { input: faces.map((face) => face.input) };
    const clock = { calls: 0, seconds: 0 };
    for (const [name, how] of Object.entries({ 'backbone alone': { kind: 'backbone' }, 'result, shared noise': method, 'result, independent noise': method } as const satisfies Record<string, Method>)) {
      kinds[name] = [];
      for (const face of faces) {
        const series: RgbImage[] = [];
        for (const [i, crop] of face.input.entries()) {
          const seed = name.endsWith('independent noise') ? defaultSeed + 1 + i : defaultSeed;
          series.push(tensorToRgb((await engine.restore(rgbToTensor(crop), { method: how, turns: [], seed, track: face.track, signal, onStep: stepClock(clock) })).restored));
        }
        kinds[name] = [...kinds[name], series];
      }
    }
    const truths = faces.map((face) => face.truth);
    print(kinds, truths);
    console.log(`one step of the sampler: ${((1000 * clock.seconds) / clock.calls).toFixed(0)} ms, on ${engine.device.provider}`);
  } finally {
    engines.dispose();
  }
}

/** Sums up the time between two steps; the first of a face holds the backbone and is left out. */
function stepClock(clock: { calls: number; seconds: number }): (step: number) => void {
  let last = 0;
  return (step) => {
    const now = performance.now();
    if (step > 1) {
      clock.calls++;
      clock.seconds += (now - last) / 1000;
    }
    last = now;
  };
}

function print(kinds: Readonly<Record<string, readonly (readonly RgbImage[])[]>>, truths: readonly (readonly RgbImage[])[]): void {
  const detail = mean(truths.flat().map((image) => highFrequencyPower(image, 16)));
  console.log(`\n${'per face'.padEnd(28)}${'PSNR dB'.padStart(9)}${'SSIM'.padStart(8)}${'detail'.padStart(9)}${'flicker'.padStart(9)}`);
  for (const [name, series] of Object.entries(kinds)) {
    const pairs = series.flatMap((images, f) => images.map((image, i) => [image, truths[f]![i]!] as const));
    const row = [
      mean(pairs.map(([image, truth]) => psnr(image, truth))).toFixed(2).padStart(9),
      mean(pairs.map(([image, truth]) => ssim(image, truth))).toFixed(3).padStart(8),
      `${((100 * mean(series.flat().map((image) => highFrequencyPower(image, 16)))) / detail).toFixed(0)} %`.padStart(9),
      mean(series.map((images, f) => flicker(images, truths[f]!))).toFixed(2).padStart(9),
    ];
    console.log(name.padEnd(28) + row.join(''));
  }
  console.log('detail: power at periods below 16 px, of the truth\'s. flicker: rms change of the error from frame to frame, of 255; a blurred picture flickers less.');
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

await main();
