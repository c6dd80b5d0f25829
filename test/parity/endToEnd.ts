import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { counterNoise } from '../../kernel/diffusion/noise.ts';
import { linearSchedule } from '../../kernel/diffusion/schedule.ts';
import type { Face } from '../../kernel/faces/face.ts';
import { readPicture } from '../../kernel/media/image.ts';
import { difface } from '../../kernel/weights/official.ts';
import { drawBackground, drawLight, type Scene } from '../../samples/drawing/scene.ts';
import { drawIdentity } from '../../samples/drawing/identity.ts';
import { renderScene } from '../../samples/drawing/render.ts';
import { officialTensors, type OfficialNetwork, type TensorSpec } from '../models/officialKeys.ts';
import { writeRandomCheckpoint } from '../models/randomCheckpoint.ts';

/**
 * The product at full size beside PyTorch: random weights of the official names and shapes, imported, a picture with three drawn faces, `difface restore` with the parser's masks and
 * Real-ESRGAN behind the faces, and the same computed by torchWholeImage.py from the same landmarks, noise and weights: `npx tsx test/parity/endToEnd.ts [folder]`
 * Needs `npm run build`, and Python with PyTorch and OpenCV (DIFFACE_PYTHON, or /usr/bin/python3). Exit code 1 where a sample differs by more than 1 of 255.
 */
const root = join(import.meta.dirname, '..', '..');
const files = {
  unet: ['unet512', 'iddpm_ffhq512_ema500000.pth', 1],
  swinir: ['swinir512', 'swinir_restoration512_L1.pth', 2],
  parsenet: ['parsenet', 'parsing_parsenet.pth', 33],                   // of some seeds nearly all is of one class
  rrdbnet: ['rrdbnet_x2', 'RealESRGAN_x2plus.pth', 4],
} as const satisfies Record<string, readonly [OfficialNetwork, string, number]>;
/** So that the result stays between black and white, and differences show. */
const ranges: Readonly<Record<string, Pick<TensorSpec, 'range'>>> = {
  'rrdbnet_x2 conv_last.weight': { range: { centre: 0, spread: 0.0015 } },
  'rrdbnet_x2 conv_last.bias': { range: { centre: 0.5, spread: 0.1 } },
};
const seed = 12345;
const start = 4;

async function main(given: string | undefined): Promise<number> {
  const folder = given ?? await mkdtemp(join(tmpdir(), 'difface-end-to-end-'));
  const [brought, weights, cache, picture] = ['brought', 'weights', 'cache', 'picture.png'].map((name) => join(folder, name)) as [string, string, string, string];
  const run = async (...args: readonly string[]): Promise<string> => (await promisify(execFile)(process.execPath, [join(root, 'dist', 'cli.cjs'), ...args], {
    env: { ...process.env, DIFFACE_WEIGHTS: weights, DIFFACE_CACHE: cache }, maxBuffer: 1e8,
  })).stdout;
  try {
    await mkdir(brought, { recursive: true });
    for (const [network, file, weightSeed] of Object.values(files)) await writeRandomCheckpoint(join(brought, file), (await officialTensors(network)).map((tensor) => ({ ...tensor, ...ranges[`${network} ${tensor.key}`] })), weightSeed);
    const { image } = renderScene(threePeople());
    await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } }).png().toFile(picture);

    console.log(await run('weights', 'import', brought));
    const began = performance.now();
    const stdout = await run('restore', picture, '--model', 'difface', '--start', String(start), '--seed', String(seed), '--mask', 'parsing', '--upscale', '2', '--background', 'realesrgan', '--device', 'cpu', '--json');
    const [result] = (JSON.parse(stdout) as { results: readonly { readonly status: string; readonly output: string }[] }).results;
    if (result?.status !== 'restored') throw new Error(`nothing was restored: ${stdout}`);
    console.log(`difface: ${((performance.now() - began) / 1000).toFixed(0)} s`);

    const landmarks = await foundLandmarks(cache);
    console.log(`${landmarks.length} faces`);
    await writeNoise(join(folder, 'noise.f32'), landmarks.length);
    const job = {
      picture, landmarks: landmarks.map((points) => points.map(({ x, y }) => [x, y])), noise: join(folder, 'noise.f32'), start, eta: difface.defaults.eta,
      params: { unet: difface.denoiser.params, swinir: difface.backbone.params }, result: join(folder, 'torch.png'),
      weights: Object.fromEntries(Object.entries(files).map(([name, [, file]]) => [name, join(weights, file)])),
    };
    await writeFile(join(folder, 'job.json'), JSON.stringify(job));
    const torchBegan = performance.now();
    const python = spawn(process.env['DIFFACE_PYTHON'] ?? '/usr/bin/python3', [join(import.meta.dirname, 'torchWholeImage.py'), join(folder, 'job.json')], { stdio: 'inherit' });
    const [code] = await once(python, 'exit') as [number | null];
    if (code !== 0) throw new Error(`PyTorch ended with ${code}`);
    console.log(`PyTorch: ${((performance.now() - torchBegan) / 1000).toFixed(0)} s`);
    return await compare(result.output, job.result);
  } finally {
    if (given === undefined) await rm(folder, { recursive: true, force: true });
  }
}

function threePeople(): Scene {
  const person = (identity: number, x: number, y: number, scale: number, yaw: number, roll: number) => ({
    identity: drawIdentity(20_000_000 + identity), expression: { mouthOpen: 0.1, smile: 0.5, eyesOpen: 1, gaze: [0, 0] as const, browRaise: 0.1 }, pose: { yaw, pitch: 0.02, roll }, x, y, scale,
  });
  return {
    width: 1280, height: 960, light: drawLight(20_000_003), background: drawBackground(20_000_006),
    people: [person(22, 980, 300, 62, -0.16, -0.05), person(9, 330, 330, 92, 0.12, 0.06), person(48, 700, 620, 74, 0, 0.1)],
  };
}

/** The faces that were found lie in the cache, in the order of their numbers. */
async function foundLandmarks(cache: string): Promise<readonly Face['landmarks'][]> {
  const [file] = await readdir(join(cache, 'faces'));
  return (JSON.parse(await readFile(join(cache, 'faces', file!), 'utf8')) as readonly Face[]).map(({ landmarks }) => landmarks);
}

/** Every draw, (start + 1, faces, 3, 512, 512): the one that diffuses the estimate, then one for each step. */
async function writeNoise(path: string, faces: number): Promise<void> {
  const { steps } = linearSchedule(difface.diffusion.timestepRespacing);
  const noise = counterNoise(Array.from({ length: faces }, (_, track) => ({ seed, track })));
  const shape = [faces, 3, difface.faceSize, difface.faceSize];
  const file = await open(path, 'w');
  try {
    const draws = [noise({ kind: 'start', t: steps[start]!.t }, shape), ...Array.from({ length: start }, (_, order) => noise({ kind: 'step', t: steps[start - 1 - order]!.t, order }, shape))];
    for (const { data } of draws) await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  } finally {
    await file.close();
  }
}

async function compare(own: string, other: string): Promise<number> {
  const [a, b] = [(await readPicture(own)).view, (await readPicture(other)).view];
  if (a.data.length !== b.data.length) throw new Error(`${a.width}x${a.height} beside ${b.width}x${b.height}`);
  const counts = new Map<number, number>();
  for (const [i, value] of a.data.entries()) counts.set(Math.abs(value - b.data[i]!), (counts.get(Math.abs(value - b.data[i]!)) ?? 0) + 1);
  const largest = Math.max(...counts.keys());
  console.log(`${a.width}x${a.height}: ${[...counts].sort(([p], [q]) => p - q).map(([level, count]) => `${count} samples differ by ${level}`).join(', ')}`);
  console.log(largest <= 1 ? 'the same to 1/255' : `FAIL: up to ${largest} of 255`);
  return largest <= 1 ? 0 : 1;
}

process.exitCode = await main(process.argv[2]);
