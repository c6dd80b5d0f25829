import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import sharp from 'sharp';
import { KernelFailure } from '../../kernel/failure.ts';
import { createHandlers } from '../../kernel/handlers.ts';
import { findProgram } from '../../kernel/media/ffmpeg.ts';
import type { Plan } from '../../kernel/pipeline/plan.ts';
import { RestorationStore } from '../../kernel/pipeline/restorationStore.ts';
import { restoreFiles } from '../../kernel/pipeline/restoreFiles.ts';
import type { RestoreRequest } from '../../kernel/recipe/restoreOptions.ts';
import { inFolder, root } from '../cli/command.ts';

const file = join(root, 'samples', 'portrait.png');
const crop = { width: 512, height: 512, data: new Uint8Array(512 * 512 * 3) };
const never = new AbortController().signal;
const quick = { model: 'sample', sampler: 'ddim', start: 1, steps: 1 } as const;

function storeOf(seed: number): Promise<RestorationStore> {
  const plan: Plan = { model: undefined, method: { kind: 'identity' }, detector: 'builtin', seed, independentNoise: false, branches: [], blend: undefined, pasting: { mask: 'oval', matchColours: false, upscale: 1, background: 'plain' }, numbers: { provider: 'cpu', precision: 'float32' }, earlier: [] };
  return RestorationStore.of(file, plan, []);
}

function aboutTheCache(error: unknown): boolean {
  return error instanceof KernelFailure && error.kind === 'output' && /cache folder.*DIFFACE_CACHE/.test(error.message);
}

/** A cache of its own for each test. */
function inCache(use: (cache: string) => Promise<void>): Promise<void> {
  return inFolder((cache) => {
    process.env['DIFFACE_CACHE'] = cache;
    return use(cache);
  });
}

describe('the store of restored crops', () => {
  let previous: string | undefined;
  beforeEach(() => {
    previous = process.env['DIFFACE_CACHE'];
  });
  afterEach(() => {
    if (previous === undefined) delete process.env['DIFFACE_CACHE'];
    else process.env['DIFFACE_CACHE'] = previous;
  });

  it('is trimmed to what was used last, never to what is newest, held or touched a moment ago', () => inCache(async () => {
    const stores: RestorationStore[] = [];
    for (const seed of [1, 2, 3, 4]) {
      const store = await storeOf(seed);
      await store.put(0, 0, crop);
      stores.push(store);
    }
    const [oldest, held, recent, newest] = stores as [RestorationStore, RestorationStore, RestorationStore, RestorationStore];
    const letGo = held.hold();
    const longAgo = Date.now() / 1000 - 86_400;
    for (const [i, { folder }] of [oldest, held].entries()) await utimes(folder, longAgo + i, longAgo + i);
    const inMind = () => stores.map((store) => store.has(0, 0));
    await RestorationStore.trim(0);
    assert.deepEqual(inMind(), [false, true, true, true]);
    letGo();
    for (const [i, { folder }] of [held, recent, newest].entries()) await utimes(folder, longAgo + i, longAgo + i);
    await RestorationStore.trim(0);
    assert.deepEqual(inMind(), [false, false, false, true]);
    assert.ok(await newest.crop(0, 0));
    await oldest.put(0, 0, crop);
    assert.ok(await (await storeOf(1)).crop(0, 0), 'what was removed can be filled again');
  }));

  it('is trimmed after a run of the command line too', () => inCache(async () => {
    for (const seed of [1, 2]) {
      const store = await storeOf(seed);
      await store.put(0, 0, crop);
      await utimes(store.folder, 1e9 + seed, 1e9 + seed);
    }
    await inFolder(async (output) => {
      const before = process.env['DIFFACE_CACHE_BYTES'];
      process.env['DIFFACE_CACHE_BYTES'] = '1';
      try {
        await restoreFiles([file], { model: 'identity', output }, { device: 'cpu', signal: never });
      } finally {
        if (before === undefined) delete process.env['DIFFACE_CACHE_BYTES'];
        else process.env['DIFFACE_CACHE_BYTES'] = before;
      }
    });
    assert.deepEqual([(await storeOf(1)).has(0, 0), (await storeOf(2)).has(0, 0)], [false, true]);
  }));

  it('leaves the unfinished files of a living writer, and removes those of a dead one', () => inCache(async () => {
    const { folder } = await storeOf(1);
    await mkdir(folder, { recursive: true });
    for (const name of ['0-1.png.young', '0-2.png.old']) await writeFile(join(folder, name), '');
    await utimes(join(folder, '0-2.png.old'), 1e9, 1e9);
    await storeOf(1);
    assert.deepEqual(await readdir(folder), ['0-1.png.young']);
  }));

  it('goes on when another process removes its folder', () => inCache(async () => {
    const store = await storeOf(1);
    await store.put(0, 0, crop);
    await rm(store.folder, { recursive: true });
    assert.equal((await storeOf(1)).has(0, 0), false);
    await store.put(0, 1, crop);
    assert.ok(await store.crop(0, 1));
    const letGo = store.hold();
    await store.remove();
    assert.ok(store.has(0, 1), 'somebody else uses it');
    letGo();
    await store.remove();
    assert.equal(store.has(0, 1), false);
  }));

  it('that cannot be written names the cache folder; one that can be written later works then', () => inCache(async (cache) => {
    await writeFile(join(cache, 'restorations'), 'no folder');
    const store = await storeOf(1);
    await assert.rejects(store.put(0, 0, crop), aboutTheCache);
    await rm(join(cache, 'restorations'));
    await (await storeOf(1)).put(0, 0, crop);
    assert.ok(await store.crop(0, 0));
  }));

  it('that cannot be written ends the developing of a file before anything is restored', () => inCache(async (cache) => {
    await writeFile(join(cache, 'restorations'), 'no folder');
    const { handlers, dispose } = createHandlers({ progress: () => undefined, device: () => undefined, weights: () => undefined }, {});
    try {
      await assert.rejects(handlers.develop({ path: file, options: quick, job: 'd', device: 'cpu' }, never), aboutTheCache);
    } finally {
      dispose();
    }
  }));

  for (const what of ['clip', 'picture'] as const) {
    it(`that cannot be written does not end the restoration of a ${what}: it says so`, () => inCache(async (cache) => {
      await writeFile(join(cache, 'restorations'), 'no folder');
      await inFolder(async (folder) => {
        const path = join(folder, what === 'clip' ? 'a.mp4' : 'a.png');
        if (what === 'clip') execFileSync(await findProgram('ffmpeg'), ['-v', 'error', '-i', join(root, 'samples', 'clip.mp4'), '-frames:v', '3', '-an', path]);
        else await copyFile(file, path);
        const [result] = await restoreFiles([path], quick, { device: 'cpu', signal: never });
        assert.equal(result?.status, 'restored', JSON.stringify(result));
        assert.match(result.notes.join(), /cannot be kept in the cache folder.*DIFFACE_CACHE/);
      });
    }));
  }

  it('lets a picture that was interrupted go on where it was, but not where it is enlarged before its faces are cut out, and holds nothing once a result is written', () => inCache(async (cache) => {
    await inFolder(async (folder) => {
      const picture = join(folder, 'a.png');
      await sharp(file).resize(400).toFile(picture);
      const [plain, enlarged] = [{ ...quick, upscale: 1 }, { ...quick, upscale: 2 }] as const;
      const fresh = [await restored(picture, plain), await restored(picture, enlarged)].map(({ output }) => output);
      await assert.rejects(restored(picture, plain, { atFace: 1 }), (error) => error instanceof KernelFailure && error.kind === 'cancelled');
      assert.deepEqual(await kept(cache), ['0-0.png']);
      const again = [await restored(picture, enlarged), await restored(picture, plain)];
      assert.deepEqual(again.map(({ computed }) => computed.includes(0)), [true, false]);
      assert.ok(again[1]!.computed.includes(1));
      for (const [i, { output }] of again.reverse().entries()) assert.deepEqual(await readFile(output), await readFile(fresh[i]!), 'nobody can tell it from one that was not interrupted');
      assert.deepEqual(await kept(cache), []);
    });
  }));
});

/** Restores a picture as the command line does. @returns path of the result, and the faces that were computed, from 0 on */
async function restored(path: string, request: RestoreRequest, interrupted?: { readonly atFace: number }): Promise<{ readonly output: string; readonly computed: readonly number[] }> {
  const interrupt = new AbortController();
  const computed: number[] = [];
  const [result] = await restoreFiles([path], request, {
    device: 'cpu', signal: interrupt.signal,
    onProgress: (progress) => {
      if (progress.stage !== 'restoring') return;
      computed.push(progress.face);
      if (progress.face === interrupted?.atFace) interrupt.abort(new KernelFailure('cancelled', 'interrupted'));
    },
  });
  assert.ok(result?.status === 'restored', JSON.stringify(result));
  return { output: result.output, computed };
}

/** Names of all crops in the store. */
async function kept(cache: string): Promise<readonly string[]> {
  const entries = await readdir(join(cache, 'restorations'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
