import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import sharp from 'sharp';
import { KernelFailure } from '../../kernel/failure.ts';
import { findProgram } from '../../kernel/media/ffmpeg.ts';
import { readPicture } from '../../kernel/media/image.ts';
import { probeClip } from '../../kernel/media/probe.ts';
import { collectFiles } from '../../kernel/pipeline/collectFiles.ts';
import type { FileResult } from '../../kernel/pipeline/progress.ts';
import { restoreFiles } from '../../kernel/pipeline/restoreFiles.ts';
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

  it('a picture and a clip without a face that are to be enlarged: enlarged, and it is said', () => inFolder(async (folder) => {
    const [picture, video] = [join(folder, 'sky.png'), join(folder, 'sky.mp4')];
    await sharp({ create: { width: 600, height: 520, channels: 3, background: '#8ad' } }).png().toFile(picture);
    await run(await findProgram('ffmpeg'), ['-v', 'error', '-f', 'lavfi', '-i', 'color=c=skyblue:s=160x120:r=10:d=0.5', '-pix_fmt', 'yuv420p', video]);
    const { code, stdout, stderr } = await difface(['restore', picture, video, '--json', '--model', 'identity', '--upscale', '2', '--background', 'plain']);
    assert.equal(code, 0, stderr);
    const { results } = JSON.parse(stdout) as { results: readonly Extract<FileResult, { status: 'restored' }>[] };
    assert.deepEqual(results.map(({ status, faces }) => [status, faces]), [['restored', []], ['restored', []]]);
    for (const { notes } of results) assert.match(notes.join(), /no face was found; what is behind the faces was enlarged all the same/);
    const { width, height } = (await readPicture(results[0]!.output)).image;
    assert.deepEqual([width, height], [1200, 1040]);
    const enlarged = await probeClip(results[1]!.output);
    assert.deepEqual([enlarged.width, enlarged.height, enlarged.timestamps.length], [320, 240, 5]);
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
    assert.deepEqual(await filesBelow(output), ['a.restored.difface', 'a.restored.png', 'c.restored.difface', 'c.restored.png']);
    assert.ok(await stat(join(output, 'deep', 'c.restored.png')));
  }));

  it('a folder that cannot be read among others: skipped with the reason, the rest is found', function () {
    if (process.platform === 'win32') this.skip();                       // folders are closed otherwise there
    return inFolder(async (folder) => {
      const closed = join(folder, 'closed');
      await mkdir(closed);
      await copyFile(portrait, join(folder, 'z.png'));
      await chmod(folder, 0o755);
      await chmod(closed, 0);
      const root = process.geteuid?.() === 0;
      if (root) process.seteuid?.(65_534);                               // root may read everything
      try {
        const { files, skipped } = await collectFiles([folder]);
        assert.deepEqual(files.map(({ path }) => path), [join(folder, 'z.png')]);
        assert.deepEqual(skipped.map(({ path }) => path), [closed]);
        assert.match(skipped[0]!.why, /^the folder cannot be read \(its permissions do not allow it\)$/);
        await assert.rejects(collectFiles([closed]), (error) => error instanceof KernelFailure && error.kind === 'input' && error.message.includes(`the folder ${closed} cannot be read`));
      } finally {
        if (root) process.seteuid?.(0);
        await chmod(closed, 0o700);
      }
    });
  });

  it('hidden files are passed over without a word', () => inFolder(async (folder) => {
    await copyFile(portrait, join(folder, '.hidden.png'));
    await copyFile(portrait, join(folder, 'seen.png'));
    const { skipped, files } = await collectFiles([folder]);
    assert.deepEqual([skipped, files.map(({ path }) => path)], [[], [join(folder, 'seen.png')]]);
  }));

  it('the same file named twice is restored once', () => inFolder(async (folder) => {
    const file = join(folder, 'a.png');
    await copyFile(portrait, file);
    await symlink(file, join(folder, 'b.png'));
    const { code, stderr } = await difface(['restore', file, join(folder, '..', basename(folder), 'a.png'), folder, join(folder, 'b.png'), '--model', 'identity']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(await filesBelow(folder), ['a.png', 'a.restored.difface', 'a.restored.png', 'b.png']);
  }));

  it('a folder with nothing to restore', () => inFolder(async (folder) => {
    const { code, stderr } = await difface(['restore', folder, '--model', 'identity']);
    assert.equal(code, 0);
    assertClear(stderr, `nothing to restore in ${folder}`);
  }));

  it('a name of 200 characters works everywhere; one that leaves no room for the result is refused at once', () => inFolder(async (folder) => {
    const long = 'n'.repeat(196);
    await copyFile(portrait, join(folder, `${long}.png`));
    await run(await findProgram('ffmpeg'), ['-v', 'error', '-t', '0.2', '-i', clip, '-c', 'copy', join(folder, `${long}.mp4`)]);
    const quick = ['--model', 'sample', '--sampler', 'ddim', '--start', '2', '--steps', '2', '--trajectory'];
    const { code, stderr } = await difface(['restore', folder, ...quick]);
    assert.equal(code, 0, stderr);
    const names = await readdir(folder);
    for (const ext of ['png', 'mp4']) for (const name of [`${long}.restored.${ext}`, `${long}.restored.${ext}.trajectory`]) assert.ok(names.includes(name), name);

    const longest = join(folder, `${'m'.repeat(248)}.png`);
    await copyFile(portrait, longest);
    const outcome = await difface(['restore', longest, '--model', 'identity']);
    assert.equal(outcome.code, 1);
    assertClear(outcome.stderr, longest.slice(0, -4), 'the name is too long', '--suffix');
    assert.doesNotMatch(outcome.stderr, /looking for faces/);
  }));

  let failures = 0;
  it('a bug that one file brings to light is told as one, and the other files are restored', () => inFolder(async (folder) => {
    await copyFile(portrait, join(folder, 'a.png'));
    await copyFile(portrait, join(folder, 'b.png'));
    const results = await restoreFiles([folder], { model: 'identity' }, {
      device: 'cpu', signal: new AbortController().signal,
      onProgress: ({ stage }) => {
        if (stage === 'writing' && (failures += 1) === 1) throw new TypeError('cannot read properties of undefined');
      },
    });
    assert.deepEqual(results.map(({ status }) => status), ['failed', 'restored']);
    const [first] = results;
    assert.ok(first?.status === 'failed' && first.kind === 'unforeseen');
    assert.match(first.message, /a\.png: an unforeseen error, cannot read properties.*please report/);
    assert.match(first.stack ?? '', /TypeError/);
  }));

  it('a result whose states were not all written when it was interrupted does not stand there without them', () => inFolder(async (folder) => {
    const file = join(folder, 'a.png');
    await copyFile(portrait, file);
    const stop = new AbortController();
    await assert.rejects(restoreFiles([file], { model: 'sample', sampler: 'ddim', start: 2, steps: 2, faces: 'largest', trajectory: true }, {
      device: 'cpu', signal: stop.signal, onProgress: ({ stage }) => { if (stage === 'writingStates') stop.abort(); },
    }), { name: 'AbortError' });
    assert.deepEqual(await filesBelow(folder), ['a.png']);
  }));

  it('results of a folder are known by their recipes when another suffix is chosen', () => inFolder(async (folder) => {
    await copyFile(portrait, join(folder, 'a.png'));
    await writeFile(join(folder, 'b.difface'), 'restore: b.png\n');
    await copyFile(portrait, join(folder, 'b.png'));
    for (const suffix of ['old', 'new']) assert.equal((await difface(['restore', folder, '--model', 'identity', '--suffix', suffix])).code, 0);
    assert.deepEqual((await filesBelow(folder)).filter((name) => name.endsWith('.png')).sort(), ['a.new.png', 'a.old.png', 'a.png', 'b.new.png', 'b.old.png', 'b.png']);
  }));

  it('never overwrites: neither the original nor an earlier result', () => inFolder(async (folder) => {
    const file = join(folder, 'a.png');
    await copyFile(portrait, file);
    await writeFile(join(folder, 'a.restored.png'), 'mine');
    const { code, stdout } = await difface(['restore', file, '--model', 'identity']);
    assert.equal(code, 0);
    assertClear(stdout, 'a.restored-2.png');
    assert.equal(await readFile(join(folder, 'a.restored.png'), 'utf8'), 'mine');
    const again = await difface(['restore', file, '--model', 'identity']);
    assertClear(again.stdout, 'a.restored-2.png: 2 faces restored before\n', 'it was made before');
    await writeFile(join(folder, 'a.restored-2.png'), 'changed');
    assertClear((await difface(['restore', file, '--model', 'identity'])).stdout, 'a.restored-3.png');
    const anew = await difface(['restore', file, '--model', 'identity', '--again']);
    assertClear(anew.stdout, 'a.restored-4.png');
    assert.doesNotMatch(anew.stdout, /made before/);
    assert.deepEqual(await readFile(file), await readFile(portrait));
  }));

  it('goes on with a folder: what was restored before is taken, and the summary says how many', () => inFolder(async (folder) => {
    for (const name of ['a.png', 'b.png']) await copyFile(portrait, join(folder, name));
    await difface(['restore', join(folder, 'a.png'), '--model', 'identity']);
    const { code, stdout } = await difface(['restore', join(folder, 'a.png'), join(folder, 'b.png'), '--model', 'identity']);
    assert.equal(code, 0);
    assertClear(stdout, 'a.restored.png: 2 faces restored before', /b\.restored\.png: 2 faces restored in/, '2 restored (1 of them before), 0 without a face');
  }));
});
