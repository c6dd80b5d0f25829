import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import { findProgram } from '../../kernel/media/ffmpeg.ts';
import { readPicture } from '../../kernel/media/image.ts';
import { probeClip } from '../../kernel/media/probe.ts';
import type { RgbImage, Samples } from '../../kernel/tensor/rgbImage.ts';
import { difface, inFolder, root } from './command.ts';

const fixtures = join(root, 'test', 'parity', 'fixtures');
const portrait = join(root, 'samples', 'portrait.png');

/** Reduced networks under the names of the official files. */
async function weightsIn(folder: string): Promise<{ readonly DIFFACE_WEIGHTS: string; readonly DIFFACE_CACHE: string }> {
  const weights = join(folder, 'weights');
  await mkdir(weights, { recursive: true });
  await cp(join(fixtures, 'parsenet', 'parsenet.pth'), join(weights, 'parsing_parsenet.pth'));
  await cp(join(fixtures, 'rrdbnet', 'rrdb_x2.pth'), join(weights, 'RealESRGAN_x2plus.pth'));
  return { DIFFACE_WEIGHTS: weights, DIFFACE_CACHE: join(folder, 'cache') };
}

async function restored(folder: string, env: NodeJS.ProcessEnv, ...options: readonly string[]): Promise<RgbImage<Samples>> {
  const { code, stdout, stderr } = await difface(['restore', portrait, '--model', 'sample', '--backbone-only', '--device', 'cpu', '--json', '--output', folder, '--suffix', options.join('') || 'usual', ...options], { env });
  assert.equal(code, 0, stderr);
  return (await readPicture((JSON.parse(stdout) as { results: readonly [{ output: string }] }).results[0].output)).image;
}

function differing(a: RgbImage<Samples>, b: RgbImage<Samples>): number {
  assert.deepEqual([a.width, a.height], [b.width, b.height]);
  let count = 0;
  for (const [i, value] of a.data.entries()) if (value !== b.data[i]) count++;
  return count / a.data.length;
}

describe('whole pictures', () => {
  it('come back twice as large where it is asked, rebuilt by the upsampler that is installed', () => inFolder(async (folder) => {
    const env = await weightsIn(folder);
    const { width, height } = (await readPicture(portrait)).image;
    const rebuilt = await restored(folder, env, '--upscale', '2');
    const plain = await restored(folder, env, '--upscale', '2', '--background', 'plain');
    assert.deepEqual([rebuilt.width, rebuilt.height], [2 * width, 2 * height]);
    assert.ok(differing(rebuilt, plain) > 0.9);
  }));

  it("take the parser's mask by name, the model's own without", () => inFolder(async (folder) => {
    const env = await weightsIn(folder);
    const original = (await readPicture(portrait)).image;
    const [usual, oval, parsed] = [await restored(folder, env), await restored(folder, env, '--mask', 'oval'), await restored(folder, env, '--mask', 'parsing')];
    assert.equal(differing(usual, oval), 0);
    assert.ok(differing(parsed, oval) > 0.01);
    assert.ok(differing(parsed, original) > 0.01);
  }));

  it('with colours matched differ where the faces are, and nowhere else', () => inFolder(async (folder) => {
    const env = await weightsIn(folder);
    const [usual, matched, original] = [await restored(folder, env), await restored(folder, env, '--match-colours'), (await readPicture(portrait)).image];
    assert.ok(differing(usual, matched) > 0.005);
    const corner = (image: RgbImage<Samples>): readonly number[] => Array.from(image.data.subarray(0, 300));
    assert.deepEqual(corner(matched), corner(original));
  }));

  it('clips come back twice as large too, frame by frame, pasted by the parts of the face', () => inFolder(async (folder) => {
    const env = await weightsIn(folder);
    const source = join(folder, 'short.mp4');
    await promisify(execFile)(await findProgram('ffmpeg'), ['-v', 'error', '-y', '-t', '0.3', '-i', join(root, 'samples', 'clip.mp4'), '-c:v', 'libx264', '-an', source]);
    const { code, stdout, stderr } = await difface(['restore', source, '--model', 'sample', '--backbone-only', '--device', 'cpu', '--json', '--mask', 'parsing', '--upscale', '2', '--background', 'plain'], { env });
    assert.equal(code, 0, stderr);
    const [was, is] = [await probeClip(source), await probeClip((JSON.parse(stdout) as { results: readonly [{ output: string }] }).results[0].output)];
    assert.deepEqual([is.width, is.height, is.timestamps.length], [2 * was.width, 2 * was.height, was.timestamps.length]);
  }));

  it('a file that holds another network than its name says is refused', () => inFolder(async (folder) => {
    const env = await weightsIn(folder);
    await cp(join(fixtures, 'rrdbnet', 'rrdb_x2.pth'), join(env.DIFFACE_WEIGHTS, 'parsing_parsenet.pth'));
    const { code, stderr } = await difface(['restore', portrait, '--model', 'identity', '--mask', 'parsing', '--output', folder], { env });
    assert.equal(code, 1);
    assert.match(stderr, /is not parsing_parsenet\.pth: it holds an RRDBNet upsampler.*'difface weights install parsenet' repairs it/);
    await writeFile(join(env.DIFFACE_WEIGHTS, 'parsing_parsenet.pth'), 'no checkpoint');
    const broken = await difface(['restore', portrait, '--model', 'identity', '--mask', 'parsing', '--output', folder], { env });
    assert.equal(broken.code, 1);
    assert.match(broken.stderr, /parsing_parsenet\.pth/);
  }));
});
