import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import sharp, { type Sharp } from 'sharp';
import { findProgram } from '../../kernel/media/ffmpeg.ts';
import { readNpz } from '../tensor/readNpz.ts';
import { difface, filesBelow, inFolder, root } from './command.ts';

const run = promisify(execFile);
const portrait = join(root, 'samples', 'portrait.png');
const quick = ['--model', 'sample', '--sampler', 'ddim', '--start', '6', '--steps', '6', '--eta', '1'];

async function restored(file: string, output: string, flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Buffer> {
  const { code, stdout, stderr } = await difface(['restore', file, '--json', '--output', output, ...flags], { env });
  assert.equal(code, 0, stderr);
  const { results } = JSON.parse(stdout) as { results: readonly { output: string }[] };
  return sharp(results.at(-1)!.output).raw().toBuffer();
}

describe('results', () => {
  it('are the same for the same seed, and others for another seed', () => inFolder(async (folder) => {
    const one = await restored(portrait, folder, [...quick, '--seed', '7']);
    assert.ok(one.equals(await restored(portrait, folder, [...quick, '--seed', '7'])));
    assert.ok(!one.equals(await restored(portrait, folder, [...quick, '--seed', '8'])));
  }));

  it('of a picture do not depend on what was restored before it', () => inFolder(async (folder) => {
    await copyFile(join(root, 'samples', 'portrait.truth.png'), join(folder, 'a.png'));
    await copyFile(portrait, join(folder, 'b.png'));
    const alone = await restored(portrait, join(folder, 'out'), quick);
    assert.ok(alone.equals(await restored(folder, join(folder, 'out'), quick)));
  }));

  it('touch only the faces that were asked for', () => inFolder(async (folder) => {
    const second = await restored(portrait, folder, [...quick, '--faces', '2']);
    const original = await sharp(portrait).removeAlpha().raw().toBuffer();
    const { width } = await sharp(portrait).metadata();
    let [left, right] = [0, 0];
    for (let i = 0; i < original.length; i++) if (original[i] !== second[i]) if (Math.floor(i / 3) % width < 0.45 * width) left++; else right++;
    assert.equal(left, 0);
    assert.ok(right > 1000);
  }));

  it('of a grey original say that faces may have colours; nothing else is coloured', () => inFolder(async (folder) => {
    const [grey, clip] = [join(folder, 'grey.jpg'), join(folder, 'grey.mp4')];
    await sharp(portrait).greyscale().toColourspace('b-w').jpeg().toFile(grey);
    await run(await findProgram('ffmpeg'), ['-v', 'error', '-i', join(root, 'samples', 'clip.mp4'), '-frames:v', '2', '-vf', 'hue=s=0', '-an', clip]);
    const notesOf = async (files: readonly string[], ...flags: readonly string[]): Promise<readonly string[]> => {
      const { code, stdout, stderr } = await difface(['restore', ...files, '--json', ...flags]);
      assert.equal(code, 0, stderr);
      return (JSON.parse(stdout) as { results: readonly { notes: readonly string[] }[] }).results.map(({ notes }) => notes.join());
    };
    const [picture, film, colour] = await notesOf([grey, clip, portrait], ...quick, '--output', folder);
    assert.match(picture!, /the original is grey, and the restored faces may have colours/);
    assert.match(film!, /the original is grey/);
    assert.doesNotMatch(colour!, /grey/);
    assert.match((await notesOf([grey], ...quick, '--aligned', '--suffix', 'aligned', '--output', folder))[0]!, /the original is grey, and the restored face may have colours/);
    assert.doesNotMatch((await notesOf([grey], '--model', 'identity', '--suffix', 'same', '--output', folder))[0]!, /grey/);
    const { data, info } = await sharp(join(folder, 'grey.restored.jpg')).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.channels, data[0]! - data[1]!, data[1]! - data[2]!], [3, 0, 0]);
  }));

  it('come with their trajectory where it is asked for', () => inFolder(async (folder) => {
    await restored(portrait, folder, [...quick, '--trajectory']);
    const states = join(folder, 'portrait.restored.png.trajectory', 'face-1');
    const arrays = await readNpz(join(states, 'states.npz'));
    for (const name of ['x_t', 'predX0', 'predEps']) assert.deepEqual(arrays.get(name)!.shape, [6, 3, 128, 128], name);
    for (const name of ['input', 'estimate', 'result']) assert.deepEqual(arrays.get(name)!.shape, [3, 128, 128], name);
    assert.deepEqual([...arrays.get('t')!.data], [20, 16, 12, 8, 4, 0]);
    assert.ok((await sharp(join(states, 'strip.png')).metadata()).width > 6 * 128);
  }));

  it('of an aligned crop keep its size', () => inFolder(async (folder) => {
    const file = join(folder, 'crop.png');
    await sharp(portrait).extract({ left: 180, top: 130, width: 200, height: 220 }).png().toFile(file);
    const bytes = await restored(file, folder, [...quick, '--aligned']);
    assert.equal(bytes.length, 3 * 200 * 220);
  }));

  for (const [format, make] of [
    ['jpg', (image: Sharp) => image.jpeg()], ['png', (image: Sharp) => image.png()], ['webp', (image: Sharp) => image.webp()],
  ] as const) {
    it(`keep the EXIF of a .${format}, upright, and its colour profile`, () => inFolder(async (folder) => {
      const file = join(folder, `photo.${format}`);
      await make(sharp(portrait).rotate(270).withMetadata({ orientation: 6, exif: { IFD0: { Copyright: 'Nobody' } } }).withIccProfile('p3')).toFile(file);
      assert.equal((await sharp(file).metadata()).orientation, 6);
      await restored(file, folder, ['--model', 'identity']);
      const result = await sharp(join(folder, `photo.restored.${format}`)).metadata();
      assert.deepEqual([result.width, result.height, result.orientation], [800, 600, 1]);
      assert.match(result.exif!.toString('latin1'), /Nobody/);
      assert.deepEqual(result.icc, (await sharp(file).metadata()).icc);
    }));
  }

  it('keep 16 bit and transparency', () => inFolder(async (folder) => {
    const file = join(folder, 'deep.png');
    await sharp(portrait).ensureAlpha(0.5).toColourspace('rgb16').png().toFile(file);
    await restored(file, folder, ['--model', 'identity']);
    const result = await sharp(join(folder, 'deep.restored.png')).metadata();
    assert.deepEqual([result.depth, result.channels], ['ushort', 4]);
  }));
});

describe('the cache of converted models', () => {
  it('serves two processes that convert at once, and is made again when it is damaged', () => inFolder(async (folder) => {
    const env = { DIFFACE_CACHE: join(folder, 'cache') };
    for (const name of ['a', 'b', 'c']) await mkdir(join(folder, name));
    const [one, other] = await Promise.all([restored(portrait, join(folder, 'a'), quick, env), restored(portrait, join(folder, 'b'), quick, env)]);
    assert.ok(one.equals(other));
    assert.ok(!(await filesBelow(folder)).some((name) => name.includes('.part')));
    const models = join(env.DIFFACE_CACHE, 'models');
    for (const model of await readdir(models)) await truncate(join(models, model, 'weights.bin'), 100);
    assert.ok(one.equals(await restored(portrait, join(folder, 'c'), quick, env)));
  }));
});

describe('other commands', () => {
  it('inspect recognises the networks of the sample model', async () => {
    for (const [file, architecture] of [['backbone.pth', /SwinIR/], ['denoiser.pth', /UNet/]] as const) {
      const { code, stdout } = await difface(['inspect', join(root, 'samples', 'model', file), '--json']);
      assert.equal(code, 0);
      const found = JSON.parse(stdout) as { architecture: string; params: Record<string, unknown>; tensors: Record<string, { dtype: string }> };
      assert.match(found.architecture, architecture);
      assert.ok(Object.values(found.tensors).every(({ dtype }) => dtype === 'float16'));
    }
  });

  it('devices has the CPU, usable', async () => {
    const { code, stdout } = await difface(['devices', '--json']);
    assert.equal(code, 0);
    assert.ok((JSON.parse(stdout) as { provider: string; usable: boolean }[]).some(({ provider, usable }) => provider === 'cpu' && usable));
  });
});
