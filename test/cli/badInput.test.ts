import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import sharp from 'sharp';
import { assertClear, difface, filesBelow, inFolder, root } from './command.ts';

const run = promisify(execFile);
const portrait = join(root, 'samples', 'portrait.png');
const clip = join(root, 'samples', 'clip.mp4');

/** Restores one file with the identity model; it must fail with exit code 1, one clear message and nothing left behind. */
async function mustFail(make: (folder: string) => Promise<string>, ...parts: readonly (string | RegExp)[]): Promise<void> {
  await inFolder(async (folder) => {
    const file = await make(folder);
    const before = await filesBelow(folder);
    const { code, stdout, stderr } = await difface(['restore', file, '--model', 'identity']);
    assert.equal(code, 1, stderr);
    assert.equal(stdout, '');
    assertClear(stderr, file, ...parts);
    assert.equal(stderr.match(/difface: /g)?.length, 1, stderr);
    assert.deepEqual(await filesBelow(folder), before);
  });
}

describe('bad input on the command line', () => {
  for (const name of ['empty.png', 'empty.mp4']) {
    it(`${name}: an empty file`, () => mustFail(async (folder) => {
      await writeFile(join(folder, name), '');
      return join(folder, name);
    }, 'is empty'));
  }

  it('text that calls itself a clip', () => mustFail(async (folder) => {
    await writeFile(join(folder, 'notes.mp4'), 'Dear diary, this is not a film.\n'.repeat(50));
    return join(folder, 'notes.mp4');
  }, 'is no clip that can be read'));

  it('text that calls itself a picture', () => mustFail(async (folder) => {
    await writeFile(join(folder, 'notes.jpg'), 'Dear diary\n');
    return join(folder, 'notes.jpg');
  }, 'is no picture that can be read'));

  it('a clip that was cut off', () => mustFail(async (folder) => {
    const file = join(folder, 'half.mp4');
    await copyFile(clip, file);
    await truncate(file, Math.round((await stat(file)).size / 2));
    return file;
  }, /damaged|cut off/));

  it('a picture that was cut off', () => mustFail(async (folder) => {
    const file = join(folder, 'half.jpg');
    const bytes = await sharp(portrait).jpeg().toBuffer();
    await writeFile(file, bytes.subarray(0, bytes.length / 2));
    return file;
  }, 'damaged'));

  it('a picture of 20,000 x 20,000 pixels', () => mustFail(async (folder) => {
    const file = join(folder, 'huge.png');
    await sharp({ create: { width: 20_000, height: 20_000, channels: 3, background: '#456' }, limitInputPixels: false }).png({ compressionLevel: 1 }).toFile(file);
    return file;
  }, '20000x20000', /100 megapixels/));

  it('a clip whose sound track is its only one', () => mustFail(async (folder) => {
    const file = join(folder, 'song.mp4');
    const { findProgram } = await import('../../kernel/media/ffmpeg.ts');
    await run(await findProgram('ffmpeg'), ['-v', 'error', '-i', clip, '-vn', '-c', 'copy', file]);
    return file;
  }, 'no video stream'));

  it('a file that does not exist', async () => {
    const { code, stderr } = await difface(['restore', '/nowhere/to/be/seen.png', '--model', 'identity']);
    assert.equal(code, 1);
    assertClear(stderr, '/nowhere/to/be/seen.png', 'does not exist');
  });

  it('a 1x1 picture: no face, which is no error', () => inFolder(async (folder) => {
    const file = join(folder, 'dot.png');
    await sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } }).png().toFile(file);
    const { code, stdout } = await difface(['restore', file, '--model', 'identity']);
    assert.equal(code, 0);
    assertClear(stdout, file, 'no face found, nothing written');
    assert.deepEqual(await filesBelow(folder), ['dot.png']);
  }));

  it('a picture without a face: said, nothing written, exit code 0', () => inFolder(async (folder) => {
    const file = join(folder, 'sky.png');
    await sharp({ create: { width: 300, height: 200, channels: 3, background: '#8ad' } }).png().toFile(file);
    const { code, stdout, stderr } = await difface(['restore', file, '--json', '--model', 'identity']);
    assert.equal(code, 0, stderr);
    const { results } = JSON.parse(stdout) as { results: { status: string }[] };
    assert.deepEqual(results.map(({ status }) => status), ['no face']);
    assert.deepEqual(await filesBelow(folder), ['sky.png']);
  }));

  it('a CMYK JPEG: restored as sRGB, and said', () => inFolder(async (folder) => {
    const file = join(folder, 'print.jpg');
    await sharp(join(root, 'samples', 'portrait.truth.png')).toColourspace('cmyk').jpeg().toFile(file);
    assert.equal((await sharp(file).metadata()).space, 'cmyk');
    const { code, stdout, stderr } = await difface(['restore', file, '--model', 'identity']);
    assert.equal(code, 0, stderr);
    assertClear(stdout, 'CMYK');
    assert.equal((await sharp(join(folder, 'print.restored.jpg')).metadata()).space, 'srgb');
  }));

  it('a folder of good, broken and foreign files: each has its line, the good ones are restored', () => inFolder(async (folder) => {
    await copyFile(portrait, join(folder, 'a.png'));
    await mkdir(join(folder, 'deep'));
    await copyFile(portrait, join(folder, 'deep', 'c.png'));
    await writeFile(join(folder, 'b.jpg'), 'no picture');
    await writeFile(join(folder, 'notes.txt'), 'no picture');
    const output = join(folder, 'out');
    const { code, stdout, stderr } = await difface(['restore', folder, '--model', 'identity', '--output', output]);
    assert.equal(code, 1);
    assertClear(stdout, 'notes.txt: skipped, neither a picture nor a clip', '2 restored, 0 without a face, 1 skipped, 1 failed');
    assertClear(stderr, 'b.jpg');
    assert.deepEqual(await filesBelow(output), ['a.restored.png', 'c.restored.png']);
    assert.ok(await stat(join(output, 'deep', 'c.restored.png')));
  }));

  it('never overwrites: neither the original nor an earlier result', () => inFolder(async (folder) => {
    const file = join(folder, 'a.png');
    await copyFile(portrait, file);
    await writeFile(join(folder, 'a.restored.png'), 'mine');
    const { code, stdout } = await difface(['restore', file, '--model', 'identity']);
    assert.equal(code, 0);
    assertClear(stdout, 'a.restored-2.png');
    assert.equal(await readFile(join(folder, 'a.restored.png'), 'utf8'), 'mine');
    assert.deepEqual(await readFile(file), await readFile(portrait));
  }));
});

describe('wrong usage of the command line', () => {
  const cases: readonly (readonly [string, readonly string[], string | RegExp])[] = [
    ['an unknown sampler', ['--sampler', 'euler'], /ddim, ddpm, dpm\+\+/],
    ['a start beyond the chain', ['--start', '250'], /1 to 249/],
    ['more DDIM steps than there are', ['--sampler', 'ddim', '--start', '10', '--steps', '20'], /10 steps below the start/],
    ['eta for a sampler that has none', ['--sampler', 'ddpm', '--eta', '0.5'], /--eta belongs to the sampler ddim/],
    ['eta out of range', ['--sampler', 'ddim', '--eta', '1.5'], /from 0 to 1/],
    ['a seed that is no number', ['--seed', 'lucky'], /whole number/],
    ['faces that are no numbers', ['--faces', 'left'], /'all', 'largest' or numbers/],
  ];
  for (const [name, flags, message] of cases) {
    it(name, async () => {
      const { code, stderr } = await difface(['restore', portrait, ...flags]);
      assert.equal(code, 2);
      assertClear(stderr.replace(/^error: /, ''), message);
    });
  }

  it('an unknown model names the known ones', async () => {
    const { code, stderr } = await difface(['restore', portrait, '--model', 'nothing']);
    assert.equal(code, 1);
    assertClear(stderr, "'sample'", "'difface'");
  });

  it('an unknown codec', () => inFolder(async (folder) => {
    const { code, stderr } = await difface(['restore', clip, '--model', 'identity', '--codec', 'wmv9', '--output', folder]);
    assert.equal(code, 2);
    assertClear(stderr, "'wmv9'", 'h264');
    assert.deepEqual(await filesBelow(folder), []);
  }));

  it('the official model without its weights names the command that helps', () => inFolder(async (folder) => {
    const { code, stderr } = await difface(['restore', portrait, '--model', 'difface'], { env: { DIFFACE_WEIGHTS: folder } });
    assert.equal(code, 1);
    assertClear(stderr, 'swinir_restoration512_L1.pth', 'iddpm_ffhq512_ema500000.pth', 'difface weights');
  }));
});
