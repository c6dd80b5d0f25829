import { strict as assert } from 'node:assert';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { KernelFailure } from '../../kernel/failure.ts';
import type { KernelSettings, RestoreRequest } from '../../kernel/protocol.ts';
import { FaceWalks } from '../../kernel/trajectory/walkStore.ts';
import { inFolder } from '../cli/command.ts';
import { readNpz } from '../tensor/readNpz.ts';
import { allStates, never, options, portrait, smallPictures, state, stateFiles, trunk, unchanged, view, walked, withKernel } from './walkKernel.ts';

describe('walks whose states are not as they should be', function () {
  this.timeout(60_000);

  /** What may happen to a store, and whether a state is missed at once: small pictures are made again from the states. */
  const damages: readonly (readonly [string, (cache: string) => Promise<void>, 'missed' | 'healed'])[] = [
    ['a state with other bytes', async (cache) => {
      const [file] = await stateFiles(cache, /predX0\.002\.[0-9a-f]+\.npy$/);
      const bytes = await readFile(file!);
      bytes[bytes.length - 7]! ^= 1;
      await writeFile(file!, bytes);
    }, 'missed'],
    ['a state that was cut off', async (cache) => {
      const [file] = await stateFiles(cache, /x_t\.002\.[0-9a-f]+\.npy$/);
      await writeFile(file!, (await readFile(file!)).subarray(0, 900));
    }, 'missed'],
    ['an estimate that was deleted', async (cache) => {
      for (const file of await stateFiles(cache, /estimate\./)) await rm(file);
    }, 'missed'],
    ['a store that was deleted', (cache) => rm(join(cache, 'trajectories'), { recursive: true }), 'missed'],
    ['a state of another walk in its place', async (cache) => {
      const [file] = await stateFiles(cache, /predX0\.002\.[0-9a-f]+\.npy$/);
      const [other] = await stateFiles(cache, /predX0\.003\.[0-9a-f]+\.npy$/);
      await writeFile(file!, await readFile(other!));
    }, 'missed'],
    ...(['input', 'estimate'] as const).flatMap((shared) => [
      [`a small picture of the ${shared} that was cut off`, async (cache: string) => {
        const [file] = await stateFiles(cache, new RegExp(`${shared}\\.preview\\.`));
        await writeFile(file!, (await readFile(file!)).subarray(0, 100));
      }, 'healed'] as const,
      [`a small picture of the ${shared} that was deleted`, async (cache: string) => {
        for (const file of await stateFiles(cache, new RegExp(`${shared}\\.preview\\.`))) await rm(file);
      }, 'healed'] as const,
    ]),
    ['a small picture of a state that was deleted', async (cache) => {
      for (const file of await stateFiles(cache, /x_t\.002\.preview\./)) await rm(file);
    }, 'healed'],
  ];
  for (const [name, damage, effect] of damages) {
    it(`notice ${name}, and rebuild it`, () => withKernel({}, async (kernel, cache) => {
      const info = await walked(kernel);
      const [xT, predX0, estimate] = [await state(kernel, 'xT', 2), await state(kernel, 'predX0', 2), await state(kernel, 'estimate', 0)];
      const pictures = await smallPictures(kernel);
      await damage(cache);
      if (effect === 'healed') assert.deepEqual(await smallPictures(kernel), pictures);
      const seen = await Promise.all([state(kernel, 'xT', 2), state(kernel, 'predX0', 2), state(kernel, 'estimate', 0)].map((one) => one.catch((error: unknown) => error)));
      for (const [i, right] of [xT, predX0, estimate].entries()) {
        const one = seen[i];
        if (one instanceof Error) assert.match(one.message, /walk again/);
        else assert.deepEqual(one, right);
      }
      assert.equal(seen.some((one) => one instanceof Error), effect === 'missed');
      assert.deepEqual((await walked(kernel)).figures, info.figures);
      assert.deepEqual(await smallPictures(kernel), pictures);
      assert.deepEqual([await state(kernel, 'xT', 2), await state(kernel, 'predX0', 2), await state(kernel, 'estimate', 0)], [xT, predX0, estimate]);
    }));
  }

  it('are mended at once when all of their states are damaged, also while they are exported', () => withKernel({}, async (kernel, cache) => {
    const info = await walked(kernel);
    const straight = await allStates(kernel, info);
    const damageAll = async (): Promise<void> => {
      for (const file of await stateFiles(cache, /(x_t|predX0)\.00[0-4]\.[0-9a-f]+\.npy$/)) await writeFile(file, (await readFile(file)).fill(7, 200, 300));
    };
    await damageAll();
    const { path } = await kernel.handlers.exportWalk({ view, options, walk: trunk, formats: ['npz'], wanted: join(cache, 'mended'), job: 'export', device: 'cpu' }, never);
    assert.deepEqual((await readNpz(join(path, 'states.npz'))).get('x_t')!.data.subarray(0, 49152), straight[0]);
    await damageAll();
    await assert.rejects(state(kernel, 'xT', 1), /walk again/);
    assert.deepEqual(await allStates(kernel, await walked(kernel)), straight);
  }));

  it('kept in halves are walked again where full precision is asked for', async () => {
    await inFolder(async (cache) => {
      const states: (readonly Float32Array[])[] = [];
      for (const keptPrecision of ['float16', 'float32'] as const) await withKernel({ keptPrecision }, async (kernel) => {
        const info = await walked(kernel);
        assert.equal(info.precision, keptPrecision);
        states.push(await allStates(kernel, info));
      }, portrait, cache);
      await withKernel({}, async (kernel) => { assert.deepEqual(states[1], await allStates(kernel, await walked(kernel))); });
      assert.notDeepEqual(states[0], states[1]);
    });
  });

  for (const sampler of ['ddim', 'ddpm'] as const) {
    it(`of ${sampler} that were kept otherwise before are exported as if they had not been`, () => inFolder(async (cache) => {
      const request: RestoreRequest = { ...(sampler === 'ddim' ? options : { model: 'sample', sampler, start: 5, seed: 3 }) };
      const exported = (settings: KernelSettings, name: string, known?: string): Promise<string> => {
        let path = '';
        return withKernel(settings, async ({ handlers }) => {
          ({ path } = await handlers.exportWalk({ view, options: request, walk: trunk, formats: ['npz'], wanted: join(cache, name), job: 'export', device: 'cpu' }, never));
        }, portrait, known).then(() => path);
      };
      await exported({ keptPrecision: 'float16', keptSteps: { kind: 'every', nth: 4 } }, 'halves', cache);
      const after = await exported({ keptPrecision: 'float32' }, 'after', cache);
      const afresh = await exported({ keptPrecision: 'float32' }, 'afresh');
      const [one, other] = [await readNpz(join(after, 'states.npz')), await readNpz(join(afresh, 'states.npz'))];
      assert.deepEqual([...one.keys()], [...other.keys()]);
      for (const [name, array] of one) assert.ok(array.data.every((value: number | bigint, i: number) => value === other.get(name)!.data[i]), name);
    }));
  }

  it('that have a folder in the place of a state are mended', () => withKernel({}, async (kernel, cache) => {
    const info = await walked(kernel);
    const straight = await allStates(kernel, info);
    const [file] = await stateFiles(cache, /x_t\.002\.[0-9a-f]+\.npy$/);
    await rm(file!);
    await mkdir(join(file!, 'within'), { recursive: true });
    assert.deepEqual(await allStates(kernel, await walked(kernel)), straight);
  }));

  it('that cannot be kept say so', () => withKernel({}, async (kernel, cache) => {
    await writeFile(join(cache, 'trajectories'), 'in the way');
    await assert.rejects(walked(kernel), (error: unknown) => error instanceof KernelFailure && error.kind === 'output' && /cache folder.*DIFFACE_CACHE/.test(error.message));
  }));

  it('leave the store when there is no room, but not the names of their branches', () => withKernel({}, async (kernel, cache) => {
    await walked(kernel);
    await walked(kernel, [unchanged(1)]);
    const named = await kernel.handlers.nameBranch({ view, options, walk: { ...trunk, turns: [unchanged(1)] }, name: 'softer' }, never);
    assert.deepEqual(named, [{ name: 'softer', turns: [unchanged(1)] }]);
    await FaceWalks.trim(0);                                            // looked at: it stays
    assert.ok((await stateFiles(cache, /npy$/)).length > 10);
    await kernel.handlers.close({ view }, never);
    await mkdir(join(cache, 'trajectories', 'newer'), { recursive: true });
    for (const folder of await readdir(join(cache, 'trajectories'))) if (folder !== 'newer') await utimes(join(cache, 'trajectories', folder), new Date(0), new Date(0));
    await FaceWalks.trim(0);
    assert.deepEqual(await stateFiles(cache, /npy$/), []);
    await kernel.handlers.open({ view, path: portrait }, never);
    assert.deepEqual(await kernel.handlers.branches({ view, options, of: { face: 1, frame: 0 } }, never), named);
    assert.deepEqual(await kernel.handlers.nameBranch({ view, options, walk: { ...trunk, turns: [unchanged(1)] }, name: null }, never), []);
  }));
});
