import { strict as assert } from 'node:assert';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, it } from 'mocha';
import sharp from 'sharp';
import { readNpz } from '../tensor/readNpz.ts';
import { difface, inFolder, root } from './command.ts';

const portrait = join(root, 'samples', 'portrait.png');
const clip = join(root, 'samples', 'clip.mp4');
const quick = ['--model', 'sample', '--start', '8', '--steps', '4'];

async function walked(file: string, folder: string, options: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await difface(['trajectory', file, ...quick, '--output', folder, '--json', ...options]);
  assert.equal(code, 0, stderr);
  return (JSON.parse(stdout) as { folder: string }).folder;
}

describe('difface trajectory', () => {
  it('writes the states of one face, of every step or of some', () => inFolder(async (folder) => {
    const every = await walked(portrait, folder, ['--face', '2', '--seed', '9', '--eta', '0']);
    assert.equal(basename(every), 'portrait.face-2.trajectory');
    assert.deepEqual((await readdir(every)).sort(), ['parameters.json', 'states.npz', 'strip.png']);
    const arrays = await readNpz(join(every, 'states.npz'));
    assert.deepEqual(arrays.get('x_t')!.shape, [4, 3, 128, 128]);
    assert.ok(!arrays.has('noise'), 'eta 0 draws none');
    const { parameters } = JSON.parse(await readFile(join(every, 'parameters.json'), 'utf8')) as { parameters: { seed: number; face: number; frame: number } };
    assert.deepEqual([parameters.seed, parameters.face, parameters.frame], [9, 2, 1]);
    const some = await walked(portrait, folder, ['--face', '2', '--seed', '9', '--eta', '0', '--keep', '3', '--format', 'npz']);
    assert.equal(some, `${every}-2`, 'nothing is overwritten');
    const kept = await readNpz(join(some, 'states.npz'));
    assert.deepEqual([...kept.get('order')!.data].map(Number), [0, 3]);
    assert.deepEqual((kept.get('x_t')!.data as Float32Array).subarray(3 * 128 * 128), (arrays.get('x_t')!.data as Float32Array).subarray(9 * 128 * 128, 12 * 128 * 128));
  }));

  it('ends in the face a restoration of the crop gives', () => inFolder(async (folder) => {
    const crop = join(folder, 'crop.png');
    await sharp(portrait).extract({ left: 180, top: 130, width: 128, height: 128 }).png().toFile(crop);
    const states = await walked(crop, folder, ['--aligned', '--format', 'npz']);
    const { code, stderr } = await difface(['restore', crop, ...quick, '--aligned', '--output', folder]);
    assert.equal(code, 0, stderr);
    const restored = await sharp(join(folder, 'crop.restored.png')).removeAlpha().raw().toBuffer();
    const { data } = (await readNpz(join(states, 'states.npz'))).get('result')!;
    for (let i = 0; i < 128 * 128; i++) assert.ok(Math.abs(restored[3 * i]! - Math.min(255, Math.max(0, (Number(data[i]) * 0.5 + 0.5) * 255))) < 0.51);
  }));

  it('walks a face in one frame of a clip', () => inFolder(async (folder) => {
    const written = await walked(clip, folder, ['--frame', '12', '--format', 'png']);
    assert.equal(basename(written), 'clip.face-1.frame-12.trajectory');
    assert.equal((JSON.parse(await readFile(join(written, 'parameters.json'), 'utf8')) as { parameters: { frame: number } }).parameters.frame, 12, 'counted as it was asked for');
    const { code, stderr } = await difface(['trajectory', clip, ...quick, '--frame', '900']);
    assert.equal(code, 2);
    assert.match(stderr, /face 1 of .*clip\.mp4 is seen in the frames 1 to \d+, not in frame 900/);
  }));

  it('refuses a clip as an aligned crop', () => inFolder(async (folder) => {
    const { code, stderr } = await difface(['trajectory', clip, ...quick, '--aligned', '--output', folder]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /clip\.mp4 is a clip: --aligned is for a picture/);
  }));

  it('says in words that it cannot write into a file', () => inFolder(async (folder) => {
    const file = join(folder, 'taken');
    await writeFile(file, '');
    const { code, stderr } = await difface(['trajectory', portrait, ...quick, '--output', file]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /taken.*cannot be written: what should be its folder is a file; choose another folder with --output/);
    assert.doesNotMatch(stderr, /unforeseen/);
    assert.match(stderr, /^portrait\.png: looking for faces$/m);
    assert.deepEqual(await readdir(folder), ['taken']);
  }));

  for (const [name, args, said] of [
    ['a face that is not there', ['--face', '7'], /has faces 1 to 2, and none with the number 7/],
    ['a frame of a picture', ['--frame', '3'], /is a picture: it has no frame 3/],
    ['an unknown format', ['--format', 'npz,bmp'], /'bmp' is none of npz, png, webm, gif/],
    ['steps that cannot be kept', ['--keep', 'logsnr:1'], /'every', a whole number from 1 on, or 'logsnr:N'/],
    ['another face of an aligned crop', ['--aligned', '--face', '2'], /portrait\.png is taken as one aligned face: there is no face 2/],
    ['the identity', ['--model', 'identity'], /^difface: there is no walk to look into/],
  ] as const) {
    it(`refuses ${name}`, () => inFolder(async (folder) => {
      const options = args[0] === '--model' ? ['trajectory', portrait, '--output', folder, ...args] : ['trajectory', portrait, ...quick, '--output', folder, ...args];
      const { code, stderr } = await difface(options);
      assert.equal(code, 2, stderr);
      assert.match(stderr, said);
      assert.deepEqual(await readdir(folder), []);
    }));
  }
});
