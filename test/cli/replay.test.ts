import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { appendFile, copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import sharp from 'sharp';
import { findProgram } from '../../kernel/media/ffmpeg.ts';
import type { FileResult } from '../../kernel/protocol.ts';
import { changedByHand } from '../../kernel/pipeline/lockfile.ts';
import { lockfileIn, readLockfile } from '../../kernel/pipeline/lockNames.ts';
import type { Replayed } from '../../kernel/pipeline/replay.ts';
import { assertClear, difface, filesBelow, inFolder, root } from './command.ts';

const run = promisify(execFile);
const samples = join(root, 'samples');
const quick = ['--model', 'sample', '--sampler', 'ddim', '--start', '2', '--steps', '2'];

async function restored(file: string, ...flags: readonly string[]): Promise<Extract<FileResult, { status: 'restored' }>> {
  const { code, stdout, stderr } = await difface(['restore', file, '--json', ...flags]);
  assert.equal(code, 0, stderr);
  const [result] = (JSON.parse(stdout) as { results: readonly FileResult[] }).results;
  assert.ok(result?.status === 'restored');
  return result;
}

async function replayed(lockfile: string, ...flags: readonly string[]): Promise<Replayed & { readonly code: number | null; readonly kinds: readonly string[] }> {
  const { code, stdout, stderr } = await difface(['replay', lockfile, '--json', ...flags]);
  assert.notEqual(stdout, '', stderr);
  const outcome = JSON.parse(stdout) as Replayed;
  return { ...outcome, code, kinds: outcome.differences.map(({ what }) => what) };
}

async function withPortrait(use: (folder: string, lockfile: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    await copyFile(join(samples, 'portrait.png'), join(folder, 'a.png'));
    await use(folder, (await restored(join(folder, 'a.png'), ...quick, '--seed', '7')).lockfile!);
  });
}

describe('the recipe beside a result', () => {
  it('says every option, sums and faces, with paths that travel with the folder', () => withPortrait(async (folder, lockfile) => {
    assert.equal(lockfile, join(folder, 'a.restored.difface'));
    const text = await readFile(lockfile, 'utf8');
    assert.ok(!text.includes(folder) && text.startsWith('# How a.restored.png was made'));
    const read = (await readLockfile(lockfile))!;
    assert.equal(read.action.restore, 'a.png');
    for (const option of ['model', 'sampler', 'start', 'steps', 'eta', 'seed', 'detector', 'precision', 'mask', 'upscale', 'background', 'strength', 'faces', 'independentNoise', 'branches', 'blend', 'suffix']) assert.ok(option in read.options, option);
    assert.deepEqual(read.options.faces, [1, 2]);
    assert.deepEqual(read.locked.weights.map(({ name }) => name), ['backbone.pth', 'denoiser.pth', 'model.json', 'blazeface.onnx', 'facemesh.onnx']);
    assert.equal(read.locked.faces.length, 2);
    const other = join(folder, 'elsewhere');
    await mkdir(other);
    for (const name of ['a.png', 'a.restored.png', 'a.restored.difface']) await rename(join(folder, name), join(other, name));
    const again = await replayed(join(other, 'a.restored.difface'), '--keep', join(folder, 'kept'));
    assert.deepEqual([again.code, again.identical, again.kinds], [0, true, []]);
    assert.deepEqual(await readFile(again.kept!), await readFile(join(other, 'a.restored.png')));
  }));

  it('takes the next free name where another result has its own, and is left away where it is not wanted', () => inFolder(async (folder) => {
    await copyFile(join(samples, 'portrait.png'), join(folder, 'a.png'));
    await sharp(join(folder, 'a.png')).jpeg().toFile(join(folder, 'a.jpg'));
    const [png, jpg] = [await restored(join(folder, 'a.png'), '--model', 'identity'), await restored(join(folder, 'a.jpg'), '--model', 'identity')];
    assert.deepEqual([png.lockfile, jpg.lockfile], [join(folder, 'a.restored.difface'), join(folder, 'a.restored-2.difface')]);
    assert.equal((await readLockfile(jpg.lockfile!))!.locked.result.file, 'a.restored.jpg');
    assert.equal((await restored(join(folder, 'a.png'), '--model', 'identity', '--again', '--no-lockfile')).lockfile, undefined);
    assert.equal((await filesBelow(folder)).filter((name) => name.endsWith('.difface')).length, 2);
  }));

  it('is not written where nothing is restored', () => inFolder(async (folder) => {
    await sharp({ create: { width: 200, height: 200, channels: 3, background: 'navy' } }).png().toFile(join(folder, 'sky.png'));
    assert.equal((await difface(['restore', join(folder, 'sky.png'), '--model', 'identity'])).code, 0);
    await writeFile(join(folder, 'bad.png'), 'none');
    assert.equal((await difface(['restore', join(folder, 'bad.png'), '--model', 'identity'])).code, 1);
    assert.deepEqual(await filesBelow(folder), ['bad.png', 'sky.png']);
  }));

  it('that cannot be written leaves the result, and a note says why', () => inFolder(async (folder) => {
    const name = 'n'.repeat(237);                                       // .restored.difface makes 254 bytes of it; with a number it is too long
    await copyFile(join(samples, 'portrait.png'), join(folder, `${name}.png`));
    await writeFile(join(folder, `${name}.restored.difface`), 'somebody else');
    const result = await restored(join(folder, `${name}.png`), '--model', 'identity');
    assert.equal(result.lockfile, undefined);
    assert.match(result.notes.join(), /no recipe was written beside it \(.*name is too long/);
    assert.ok((await filesBelow(folder)).includes(`${name}.restored.png`));
  }));
});

describe('difface replay', () => {
  it('makes frames of a clip again, bit for bit, in every container', () => inFolder(async (folder) => {
    for (const extension of ['mp4', 'mkv']) {
      const clip = join(folder, `c.${extension}`);
      await run(await findProgram('ffmpeg'), ['-v', 'error', '-i', join(samples, 'clip.mp4'), '-frames:v', '4', '-an', '-c:v', 'libx264', clip]);
      const { lockfile } = await restored(clip, ...quick);
      const again = await replayed(lockfile!);
      assert.deepEqual([again.code, again.identical, again.kinds], [0, true, []], extension);
    }
  }));

  it('names an input, options, versions and a device that are others', () => withPortrait(async (folder, lockfile) => {
    const text = await readFile(lockfile, 'utf8');
    await writeFile(lockfile, text.replace('seed: 7\n', 'seed: 8\n').replace('sharp: ', 'sharp: 0.').replace('device: cpu\n', 'device: dml\n').replace('{ name: cpu,', '{ name: dml,'));
    await sharp(join(folder, 'a.png')).modulate({ brightness: 0.9 }).png().toFile(join(folder, 'b.png'));
    await rename(join(folder, 'b.png'), join(folder, 'a.png'));
    const again = await replayed(lockfile);
    assert.equal(again.code, 1);
    for (const kind of ['options', 'lockfile', 'input', 'versions', 'device', 'pixels']) assert.ok(again.kinds.includes(kind), kind);
    const said = again.differences.map(({ message }) => message).join('\n');
    assertClear(said, 'a.restored.difface were changed by hand', 'the input a.png is not what was restored', /sharp is \d.*, and was 0\./, "the device 'dml' is not to be had here", 'the device is cpu, and was dml');
  }));

  it('says that a lockfile was edited by hand, whatever was edited, though the result is the same', () => withPortrait(async (_, lockfile) => {
    const text = await readFile(lockfile, 'utf8');
    const edits = [
      [/^ {2}seed: /m, '  seed: 1', 'locked'], [/date: 20/, 'date: 19', 'locked'], [/box: \[ /, 'box: [ 9', 'locked'], [/seconds: /, 'seconds: 9', 'locked'], [/^ {2}seal: .*\n/m, '', 'seal'],
      [/^device: cpu$/m, 'device: webgpu', 'device'], [/^device: cpu\n/m, '', 'device'], [/^strength: 1$/m, 'strength: 0.5', 'options'],
    ] as const;
    for (const [from, to, part] of edits) {
      assert.match(text, from);
      assert.deepEqual(changedByHand(lockfileIn(lockfile, text.replace(from, to))!), [part], String(from));
    }
    assert.deepEqual(changedByHand(lockfileIn(lockfile, text.replaceAll('a.png', 'moved/a.png'))!), [], 'files may be moved');
    await writeFile(lockfile, text.replace(/^ {2}seed: /m, '  seed: 1').replace(/^device: cpu$/m, 'device: webgpu').replace('restore: a.png', 'restore: b.png'));
    const again = await replayed(lockfile);
    assert.deepEqual([again.code, again.identical, again.kinds], [0, true, ['lockfile', 'lockfile', 'lockfile']]);
    assertClear(again.differences.map(({ message }) => message).join('\n'), "a.restored.difface was edited by hand since it was written: it names the device 'webgpu', and the result was made on 'cpu'", "does not have the sum that 'seal' says", /'restore' in a\.restored\.difface names b\.png/);
    await writeFile(lockfile, text.replace(/^ {2}seal: .*\n/m, ''));
    const { code, stdout } = await difface(['replay', lockfile]);
    assert.equal(code, 0);
    assertClear(stdout, "the 'seal' is gone", 'bit-identical');
  }));

  it('names the file of weights that is another, and no other', () => inFolder(async (folder) => {
    await mkdir(join(folder, 'model'));
    for (const file of ['model.json', 'backbone.pth', 'denoiser.pth']) await copyFile(join(samples, 'model', file), join(folder, 'model', file));
    await copyFile(join(samples, 'portrait.png'), join(folder, 'a.png'));
    const { lockfile } = await restored(join(folder, 'a.png'), ...quick, '--model', join(folder, 'model'));
    assert.equal((await readLockfile(lockfile!))!.options.model, 'model');
    const description = join(folder, 'model', 'model.json');
    await writeFile(description, (await readFile(description, 'utf8')).replace('"eta": 1 }', '"eta": 0.5 }'));
    const again = await replayed(lockfile!);
    assert.deepEqual([again.code, again.identical], [1, true], 'defaults are of no matter where every option is said');
    assert.deepEqual(again.kinds, ['weights']);
    assertClear(again.differences[0]!.message, 'the weights model.json are others');
    await rm(join(folder, 'model', 'denoiser.pth'));
    const { code, stderr } = await difface(['replay', lockfile!]);
    assert.equal(code, 1);
    assertClear(stderr, `the model in ${join(folder, 'model')} lacks weights: denoiser.pth is not there`, 'put it back');
    assert.doesNotMatch(stderr, /--model|'sample'/);
  }));

  it('tells a result that was changed, one that is compressed otherwise, and one that is gone', () => withPortrait(async (folder, lockfile) => {
    const result = join(folder, 'a.restored.png');
    await appendFile(result, 'more');
    const changed = await replayed(lockfile);
    assert.deepEqual([changed.code, changed.identical, changed.kinds], [1, true, ['result']]);
    await rm(result);
    const gone = await replayed(lockfile);
    assert.deepEqual([gone.code, gone.identical, gone.kinds], [0, true, ['missing']]);
    const { locked } = (await readLockfile(lockfile))!;
    await writeFile(lockfile, (await readFile(lockfile, 'utf8')).replaceAll(locked.result.sha256, 'f'.repeat(64)));
    const recompressed = await replayed(lockfile);
    assert.deepEqual([recompressed.code, recompressed.identical, recompressed.kinds], [1, false, ['lockfile', 'missing', 'compression']]);
  }));

  it('fails clearly for what is no such file, and for an input that is not there', () => withPortrait(async (folder, lockfile) => {
    await writeFile(join(folder, 'recipe.difface'), 'restore: a.png\n');
    for (const [path, ...said] of [[join(folder, 'none.difface'), 'none.difface cannot be read'], [join(folder, 'recipe.difface'), "'locked'"], [join(folder, 'a.png'), "'locked'"]] as const) {
      const { code, stderr } = await difface(['replay', path]);
      assert.equal(code, 1);
      assertClear(stderr, ...said);
    }
    await rm(join(folder, 'a.png'));
    const { code, stderr } = await difface(['replay', lockfile]);
    assert.equal(code, 1);
    assertClear(stderr, 'a.png is not there', 'put it back', "both behind 'restore' and behind 'file' of 'input' under 'locked'");
    await copyFile(join(samples, 'portrait.png'), join(folder, 'moved.png'));
    await writeFile(lockfile, (await readFile(lockfile, 'utf8')).replaceAll(/(restore|file): a\.png/g, '$1: moved.png'));
    const again = await replayed(lockfile);
    assert.deepEqual([again.code, again.kinds], [0, []], 'as it was said, and as a run would take it');
  }));
});
