import { strict as assert } from 'node:assert';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import sharp from 'sharp';
import { createHandlers, type Kernel } from '../../kernel/handlers.ts';
import { earlierResult } from '../../kernel/pipeline/earlierResult.ts';
import { planOf } from '../../kernel/pipeline/plan.ts';
import { EnginePool } from '../../kernel/pipeline/enginePool.ts';
import { readLockfile } from '../../kernel/pipeline/lockNames.ts';
import type { ActionOutcome, RestoreRequest } from '../../kernel/protocol.ts';
import { restoreFiles } from '../../kernel/pipeline/restoreFiles.ts';
import { resultStem } from '../../kernel/pipeline/resultStem.ts';
import { filesBelow, inFolder, root } from '../cli/command.ts';

const quick: RestoreRequest = { model: 'sample', sampler: 'ddim', start: 2, steps: 2 };
const never = new AbortController().signal;

async function withKernel(use: (kernel: Kernel, folder: string, path: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const kernel = createHandlers({ progress: () => undefined, device: () => undefined, weights: () => undefined }, {});
    const path = join(folder, 'a.png');
    await copyFile(join(root, 'samples', 'portrait.png'), path);
    try {
      await use(kernel, folder, path);
    } finally {
      kernel.dispose();
    }
  });
}

describe('what the editor exports', () => {
  it('is made again bit for bit: some faces of a small picture that is enlarged, under a name of its own', () => withKernel(async ({ handlers }, folder, path) => {
    const small = join(folder, 'small.png');
    await sharp(path).resize(400).png().toFile(small);
    const work = { path: small, options: { ...quick, faces: [1], upscale: 2, strength: 0.7 } as const, job: 'j', device: 'cpu' };
    await handlers.develop(work, never);
    const result = await handlers.export({ ...work, place: { path: join(folder, 'other name.png'), replace: false } }, never);
    assert.ok(result.status === 'restored');
    assert.equal(result.lockfile, join(folder, 'other name.difface'));
    assert.equal((await readLockfile(result.lockfile))!.locked.way, 'exported');
    const again = await handlers.replay({ path: result.lockfile, job: 'r' }, never);
    assert.deepEqual([again.faithful, again.differences], [true, []]);
  }));

  it('is made again bit for bit: a part of a clip, in another container', () => withKernel(async ({ handlers }, folder) => {
    const path = join(root, 'samples', 'clip.mp4');
    const work = { path, options: { ...quick, faces: [2] }, job: 'j', device: 'cpu' };
    await handlers.develop({ ...work, range: { first: 10, last: 12 } }, never);
    const result = await handlers.export({ ...work, place: { path: join(folder, 'part.mkv'), replace: false } }, never);
    assert.ok(result.status === 'restored');
    const { locked } = (await readLockfile(result.lockfile!))!;
    assert.deepEqual(locked.faces.map(({ number, restored }) => [number, restored]), [[2, [[11, 13]]]]);
    const again = await handlers.replay({ path: result.lockfile!, job: 'r' }, never);
    assert.deepEqual([again.faithful, again.differences], [true, []]);
  }));

  it('takes the place of another where that is asked for, with its recipe, and else leaves it', () => withKernel(async ({ handlers }, folder, path) => {
    const work = { path, options: quick, job: 'j', device: 'cpu' };
    await handlers.develop(work, never);
    const place = { path: join(folder, 'b.png'), replace: false };
    await handlers.export({ ...work, place }, never);
    const before = await readFile(place.path);
    const none = handlers.export({ ...work, options: { ...quick, seed: 99 }, place: { ...place, replace: true } }, never);
    await assert.rejects(none, /nothing of .* is restored yet/);
    assert.deepEqual(await readFile(place.path), before);
    const result = await handlers.export({ ...work, options: { ...quick, strength: 0.5 }, place: { ...place, replace: true } }, never);
    assert.ok(result.status === 'restored' && result.output === place.path && result.lockfile === join(folder, 'b.difface'));
    assert.notDeepEqual(await readFile(place.path), before);
    assert.deepEqual(await filesBelow(folder), ['a.png', 'b.difface', 'b.png']);
    await handlers.export({ ...work, place: { path: join(folder, 'c.png'), replace: false }, lockfile: false }, never);
    assert.deepEqual(await filesBelow(folder), ['a.png', 'b.difface', 'b.png', 'c.png']);
  }));
});

describe('what made a result', () => {
  it('is told by the lockfile that speaks of it, and whether the result was changed since', () => withKernel(async ({ handlers }, folder, path) => {
    assert.equal(await handlers.madeBy({ path, verify: true }, never), null);
    const result = await handlers.restore({ path, options: { ...quick, seed: 9, output: join(folder, 'out') }, job: 'j', device: 'cpu' }, never);
    assert.ok(result.status === 'restored');
    const made = (await handlers.madeBy({ path: result.output, verify: true }, never))!;
    assert.deepEqual([made.lockfile, made.original, made.model, made.seed, made.device, made.changed], [result.lockfile, path, 'sample', 9, 'cpu', false]);
    await sharp(path).toFile(result.output);
    assert.equal((await handlers.madeBy({ path: result.output, verify: true }, never))!.changed, true);
    const estimate = await handlers.restore({ path, options: { model: 'sample', backboneOnly: true, seed: 9, suffix: 'estimate' }, job: 'j', device: 'cpu' }, never);
    assert.ok(estimate.status === 'restored');
    assert.equal((await handlers.madeBy({ path: estimate.output, verify: true }, never))!.seed, null, 'no noise was drawn');
    await rm(path);
    assert.equal((await handlers.madeBy({ path: result.output, verify: false }, never))!.original, null);
  }));

  it('an unchanged result of the same input and options is found again, and no other', () => withKernel(async (_, folder, path) => {
    const engines = new EnginePool();
    try {
      const find = async (request: RestoreRequest) => {
        const asked = await planOf(request);
        return engines.use({ model: asked.model, device: 'cpu', precision: request.precision }, async (engine, numbers) => (await earlierResult(path, request, { stem: resultStem(path, request), plan: { ...asked, ...numbers }, engine, signal: never, input: undefined }))?.output);
      };
      assert.equal(await find(quick), undefined);
      const [result] = await restoreFiles([path], quick, { device: 'cpu', engines, signal: never });
      assert.ok(result?.status === 'restored');
      assert.equal(await find(quick), result.output);
      assert.equal(await find({ ...quick, eta: 1, seed: 12345, faces: 'all' }), result.output, 'defaults that are said are the same');
      for (const other of [{ seed: 1 }, { faces: [1] }, { strength: 0.5 }, { start: 3 }] as const) assert.equal(await find({ ...quick, ...other }), undefined, JSON.stringify(other));
      const [original, restored] = [await readFile(path), await readFile(result.output)];
      await sharp(original).negate().toFile(path);
      assert.equal(await find(quick), undefined, 'another input');
      await writeFile(path, original);
      await writeFile(result.output, restored.subarray(1));
      assert.equal(await find(quick), undefined, 'a result that was changed');
      await writeFile(result.output, restored);
      assert.equal(await find(quick), join(folder, 'a.restored.png'));
      assert.equal(await find({ ...quick, faces: [1, 2] }), result.output, 'the faces that it came to');
      const written = await readFile(result.lockfile!, 'utf8');
      for (const [from, to] of [[/^strength: 1$/m, 'strength: 0.5'], [/^faces: \[ 1, 2 \]$/m, 'faces: [ 1 ]'], [/seconds: /, 'seconds: 9'], [/box: \[ /, 'box: [ 9'], [/^ {2}seed: /m, '  seed: 1']] as const) {
        assert.match(written, from);
        await writeFile(result.lockfile!, written.replace(from, to));
        assert.equal(await find(quick), undefined, `a lockfile with ${to} by hand`);
      }
      await writeFile(result.lockfile!, written.replace('file: a.png', 'file: moved/a.png').replace('# How', '# This is how'));
      assert.equal(await find(quick), result.output, 'names of files and comments are of no matter');
    } finally {
      engines.dispose();
    }
  }));
});

describe('a lockfile that runs again', () => {
  const runAgain = async ({ handlers }: Kernel, lockfile: string): Promise<readonly string[]> => {
    const { file } = await handlers.runAction({ text: await readFile(lockfile, 'utf8'), folder: dirname(lockfile), names: [], job: 'again', action: 0, device: 'cpu' }, never);
    return (JSON.parse(await readFile(file, 'utf8')) as ActionOutcome).links.map(({ path }) => path);
  };

  it('finds its own result, in a folder of its own', () => withKernel(async (kernel, folder, path) => {
    const result = await kernel.handlers.restore({ path, options: { ...quick, output: join(folder, 'out'), suffix: 'mine' }, job: 'j', device: 'cpu' }, never);
    assert.ok(result.status === 'restored');
    const lockfile = result.lockfile!;
    assert.deepEqual(await runAgain(kernel, lockfile), ['a.mine.png', 'a.mine.difface']);
    assert.deepEqual(await filesBelow(folder), ['a.mine.difface', 'a.mine.png', 'a.png']);
    await writeFile(lockfile, (await readFile(lockfile, 'utf8')).replace(/^seed: .*$/m, 'seed: 77'));
    assert.deepEqual(await runAgain(kernel, lockfile), ['a.mine-2.png', 'a.mine-2.difface'], 'with another seed it is another recipe');
  }));

  it('finds its result with the states of its walks for as long as these are there', () => withKernel(async (kernel, folder, path) => {
    const result = await kernel.handlers.restore({ path, options: { ...quick, trajectory: true }, job: 'j', device: 'cpu' }, never);
    assert.ok(result.status === 'restored');
    const found = ['a.restored.png', 'a.restored.difface', 'a.restored.png.trajectory'];
    assert.deepEqual(await runAgain(kernel, result.lockfile!), found);
    await rm(join(folder, 'a.restored.png.trajectory', 'face-2', 'states.npz'));
    assert.deepEqual(await runAgain(kernel, result.lockfile!), ['a.restored-2.png', 'a.restored-2.difface', 'a.restored-2.png.trajectory']);
  }));

  it('finds what the editor exported under a name of its own', () => withKernel(async (kernel, folder, path) => {
    const work = { path, options: { ...quick, faces: [2] }, job: 'j', device: 'cpu' };
    await kernel.handlers.develop(work, never);
    const result = await kernel.handlers.export({ ...work, place: { path: join(folder, 'other name.png'), replace: false } }, never);
    assert.ok(result.status === 'restored');
    assert.deepEqual(await runAgain(kernel, result.lockfile!), ['other name.png', 'other name.difface']);
    assert.deepEqual(await filesBelow(folder), ['a.png', 'other name.difface', 'other name.png']);
  }));
});

describe('a recipe for the editor and from it', () => {
  it('says what the editor has chosen and no more, with paths from where it will be, and comes back with every option said', () => withKernel(async ({ handlers }, folder, path) => {
    const options: RestoreRequest = { ...quick, seed: 12345, precision: 'auto', strength: 0.5, faces: [2], output: join(folder, 'out') };
    const { text } = await handlers.writeRecipe({ path, options, device: 'auto', folder }, never);
    assert.equal(text, 'restore: a.png\nmodel: sample\nsampler: ddim\nstart: 2\nsteps: 2\nfaces: [ 2 ]\nstrength: 0.5\noutput: out\n');
    const opened = await handlers.openRecipe({ text: `- show: a.png\n- ${text.replaceAll('\n', '\n  ')}`, folder, action: 1 }, never);
    assert.deepEqual(opened.paths, [path]);
    assert.deepEqual(Object.fromEntries(Object.keys(options).map((name) => [name, opened.options[name as keyof RestoreRequest]])), options);
    assert.deepEqual([opened.options.eta, opened.options.mask, opened.options.blend], [1, 'auto', 'none'], 'settings of the editor do not come in between');
    await assert.rejects(handlers.openRecipe({ text: 'show: a.png', folder, action: 0 }, never), /restores nothing/);
    await assert.rejects(handlers.openRecipe({ text: 'restore: a.png\nsede: 3', folder, action: 0 }, never), /'seed' is meant perhaps/);
    await assert.rejects(handlers.openRecipe({ text: "- restore: a.png\n  as: x\n- restore: $x", folder, action: 1 }, never), /result of another action/);
  }));
});
