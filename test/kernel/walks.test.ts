import { strict as assert } from 'node:assert';
import { mkdir, readdir, readFile, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { KernelFailure } from '../../kernel/failure.ts';
import { createHandlers } from '../../kernel/handlers.ts';
import type { HandedOver, JobProgress, KernelHandlers, KernelSettings, RestoreRequest, StateKind, TensorHeader, Turn, WalkInfo, WalkRef } from '../../kernel/protocol.ts';
import { developFaces } from '../../kernel/pipeline/develop.ts';
import { EnginePool } from '../../kernel/pipeline/enginePool.ts';
import { fromFloat16 } from '../../kernel/tensor/float16.ts';
import { FaceWalks } from '../../kernel/trajectory/walkStore.ts';
import { inFolder, root } from '../cli/command.ts';
import { readNpz } from '../tensor/readNpz.ts';

const portrait = join(root, 'samples', 'portrait.png');
const never = new AbortController().signal;
const view = 'v';
const options: RestoreRequest = { model: 'sample', sampler: 'ddim', start: 20, steps: 5, eta: 0.5, seed: 3 };
const trunk: WalkRef = { face: 1, frame: 0, turns: [] };

interface Kernel {
  readonly handlers: KernelHandlers;
  readonly progress: JobProgress[];
}

/** A kernel that shows the portrait, with a cache of its own or a given one. */
async function withKernel(settings: KernelSettings, use: (kernel: Kernel, cache: string) => Promise<void>, path = portrait, known?: string): Promise<void> {
  await inFolder(async (fresh) => {
    const cache = known ?? fresh;
    const previous = process.env['DIFFACE_CACHE'];
    process.env['DIFFACE_CACHE'] = cache;
    const progress: JobProgress[] = [];
    const { handlers, dispose } = createHandlers({ progress: (one) => { progress.push(one); }, device: () => undefined, weights: () => undefined }, settings);
    try {
      await handlers.open({ view, path }, never);
      await use({ handlers, progress }, cache);
    } finally {
      dispose();
      process.env['DIFFACE_CACHE'] = previous ?? '';
      if (previous === undefined) delete process.env['DIFFACE_CACHE'];
    }
  });
}

async function walked({ handlers }: Kernel, turns: readonly Turn[] = [], request = options): Promise<WalkInfo> {
  const info = await handlers.walk({ view, options: request, walk: { ...trunk, turns }, compute: true, job: 'walk', device: 'cpu' }, never);
  assert.ok(info);
  return info;
}

async function numbers(answer: Promise<TensorHeader & HandedOver>): Promise<Float32Array> {
  const { file, dtype, shape, lasting } = await answer;
  const { buffer } = new Uint8Array((await readFile(file)).subarray(lasting?.offset ?? 0));
  if (!lasting) await unlink(file);
  const values = dtype === 'float16' ? fromFloat16(new Uint16Array(buffer)) : new Float32Array(buffer);
  assert.equal(values.length, shape[0] * shape[1] * shape[2]);
  return values;
}

function state({ handlers }: Kernel, kind: StateKind, order: number, turns: readonly Turn[] = [], request = options): Promise<Float32Array> {
  return numbers(handlers.state({ view, options: request, walk: { ...trunk, turns }, state: kind, order }, never));
}

/** All x_t and predX0 of a walk. */
async function allStates(kernel: Kernel, info: WalkInfo, turns: readonly Turn[] = [], request = options): Promise<readonly Float32Array[]> {
  const states = [];
  for (const order of info.kept) for (const kind of ['xT', 'predX0'] as const) states.push(await state(kernel, kind, order, turns, request));
  return states;
}

function walkingSteps({ progress }: Kernel): number {
  return progress.filter((one) => one.progress.stage === 'walking').length;
}

function unchanged(at: number): Turn {
  return { at, sampler: 'ddim', steps: 5 - at, eta: 0.5, seed: 3 };
}

async function smallPictures({ handlers }: Kernel): Promise<Buffer> {
  return readFile((await handlers.previews({ view, options, walk: trunk }, never)).file);
}

async function stateFiles(cache: string, pattern: RegExp): Promise<readonly string[]> {
  const files = await readdir(join(cache, 'trajectories'), { recursive: true });
  return files.filter((file) => pattern.test(file)).map((file) => join(cache, 'trajectories', file));
}

describe('walks', function () {
  this.timeout(60_000);

  it('are not computed unasked, are kept, and are then there at once', () => withKernel({}, async (kernel) => {
    assert.equal(await kernel.handlers.walk({ view, options, walk: trunk, compute: false, job: 'walk', device: 'cpu' }, never), null);
    const info = await walked(kernel);
    assert.deepEqual(info.kept, [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(info.steps.map(({ t }) => t), [76, 56, 40, 20, 0]);
    assert.equal(info.start.t, 80);
    assert.ok(info.figures.change[0] === null && info.figures.change.slice(1).every((change) => change! > 0));
    const steps = walkingSteps(kernel);
    assert.ok(steps > 0);
    assert.deepEqual(await walked(kernel), info);
    assert.equal(walkingSteps(kernel), steps);
  }));

  it('are kept on the way of a restoration', () => withKernel({}, async (kernel) => {
    const develop = async (): Promise<string> => (await kernel.handlers.develop({ path: portrait, options, job: 'develop', device: 'cpu' }, never)).before;
    assert.equal(await develop(), 'none');
    assert.equal(await develop(), 'all', 'what an earlier run restored is said to be from before');
    assert.ok(await kernel.handlers.walk({ view, options, walk: trunk, compute: false, job: 'walk', device: 'cpu' }, never));
  }));

  it('that were looked at before are restored without being walked again', () => withKernel({}, async (kernel) => {
    await walked(kernel);
    assert.equal((await kernel.handlers.develop({ path: portrait, options, job: 'develop', device: 'cpu' }, never)).before, 'some');
  }));

  it('that cannot be kept are restored all the same', () => withKernel({}, async (kernel, cache) => {
    await writeFile(join(cache, 'trajectories'), 'in the way');
    await kernel.handlers.develop({ path: portrait, options, job: 'develop', device: 'cpu' }, never);
    assert.deepEqual(await kernel.handlers.restored({ view, options }, never), [1, 2]);
  }));

  it('end in the face that a restoration gives', () => withKernel({}, async (kernel) => {
    await walked(kernel);
    const engines = new EnginePool();
    await developFaces({ path: portrait, request: options, engines, device: 'cpu', signal: never, onProgress: () => undefined }).finally(() => { engines.dispose(); });
    const { file } = (await kernel.handlers.faceCrop({ view, number: 1, restored: options }, never))!;
    const developed = await readFile(file);
    await kernel.handlers.adopt({ view, options: { ...options, branches: [{ face: 1, turns: [unchanged(2)] }] }, walk: { ...trunk, turns: [unchanged(2)] } }, never).then(() => assert.fail('not walked yet'), (error: unknown) => {
      assert.ok(error instanceof KernelFailure && /no longer kept/.test(error.message));
    });
    await walked(kernel, [unchanged(2)]);
    const branched = { ...options, branches: [{ face: 1, turns: [unchanged(2)] }] };
    assert.deepEqual(await kernel.handlers.restored({ view, options: branched }, never), [2]);
    await kernel.handlers.adopt({ view, options: branched, walk: { ...trunk, turns: [unchanged(2)] } }, never);
    assert.deepEqual(await kernel.handlers.restored({ view, options: branched }, never), [1, 2]);
    const adopted = await kernel.handlers.faceCrop({ view, number: 1, restored: branched }, never);
    assert.deepEqual(await readFile(adopted!.file), developed);
  }));

  for (const keptPrecision of ['float32', 'float16'] as const) {
    it(`have branches that give the parent's states bit for bit where nothing changes, kept as ${keptPrecision}`, () => withKernel({ keptPrecision }, async (kernel) => {
      const info = await walked(kernel);
      const straight = await allStates(kernel, info);
      for (const at of [0, 2, 4]) {
        assert.deepEqual(await allStates(kernel, await walked(kernel, [unchanged(at)]), [unchanged(at)]), straight);
      }
      const other = [{ ...unchanged(2), seed: 4 }];
      const turned = await allStates(kernel, await walked(kernel, other), other);
      assert.deepEqual(turned.slice(0, 6), straight.slice(0, 6));
      assert.notDeepEqual(turned[6], straight[6]);
    }));
  }

  it('of DPM-Solver++ go on with what the solver looks back at', () => withKernel({ keptPrecision: 'float16' }, async (kernel) => {
    const request: RestoreRequest = { model: 'sample', sampler: 'dpm++', start: 60, steps: 6, seed: 3 };
    const straight = await allStates(kernel, await walked(kernel, [], request), [], request);
    const turns: readonly Turn[] = [{ at: 3, sampler: 'dpm++', steps: 3, eta: 0, seed: 3 }];
    assert.deepEqual(await allStates(kernel, await walked(kernel, turns, request), turns, request), straight);
  }));

  it('keep only what is asked for, the first and the last step always', async () => {
    await withKernel({ keptSteps: { kind: 'every', nth: 3 } }, async (kernel) => {
      const info = await walked(kernel);
      assert.deepEqual(info.kept, [0, 3, 4, 5]);
      await assert.rejects(state(kernel, 'xT', 1), /no longer kept/);
      assert.equal((await state(kernel, 'predEps', 0)).length, 3 * 128 * 128);
      // a branch may begin at a kept step whose neighbours are not
      assert.deepEqual(await state(kernel, 'xT', 5), await walked(kernel, [unchanged(3)]).then(() => state(kernel, 'xT', 5, [unchanged(3)])));
    });
    await withKernel({ keptSteps: { kind: 'logSnr', count: 3 } }, async (kernel) => {
      const { kept, steps } = await walked(kernel, [], { ...options, steps: 20 });
      assert.equal(kept.length, 4);
      const [first, middle, last] = kept.map((order) => steps[order]).map((step) => step && Math.log(step.alphaBar / (1 - step.alphaBar)));
      assert.ok(Math.abs(middle! - (first! + last!) / 2) < 0.8, `${first} ${middle} ${last}`);
    });
  });

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

  it('of several seeds have a mean and a deviation; where they deviate the estimate is blended in', () => withKernel({}, async (kernel) => {
    const of = { view, options, walk: trunk, seeds: 3, job: 'seeds', device: 'cpu' };
    const { file, seeds, size, peak } = await kernel.handlers.seedMap(of, never);
    assert.deepEqual(seeds, [3, 4, 5]);
    const values = new Float32Array(new Uint8Array(await readFile(file)).buffer);
    const [mean, deviation] = [values.subarray(0, 3 * size * size), values.subarray(3 * size * size)];
    const results: Float32Array[] = [];
    for (const seed of seeds) {
      const request = { ...options, seed };
      const info = await walked(kernel, [], request);
      results.push((await state(kernel, 'xT', info.steps.length, [], request)).map((value) => Math.min(1, Math.max(-1, value))));
    }
    for (let i = 0; i < mean.length; i += 97) assert.ok(Math.abs(mean[i]! - (results[0]![i]! + results[1]![i]! + results[2]![i]!) / 3) < 1e-5);
    assert.ok(peak > 0.01 && Math.abs(peak - Math.max(...deviation)) < 1e-6);
    const steps = walkingSteps(kernel);
    const nothing = await numbers(kernel.handlers.blended({ ...of, above: 2 }, never));
    assert.ok(nothing.every((value, i) => Math.abs(value - results[0]![i]!) < 1e-6));
    const everything = await numbers(kernel.handlers.blended({ ...of, above: 0 }, never));
    const estimate = await state(kernel, 'estimate', 0);
    assert.ok(everything.filter((value, i) => value === estimate[i]).length > 0.9 * everything.length);
    assert.equal(walkingSteps(kernel), steps, 'what was restored once is not restored again');
    // a restoration with the same blend is the same face
    const blended = await numbers(kernel.handlers.blended({ ...of, above: 0.05 }, never));
    await kernel.handlers.develop({ path: portrait, options: { ...options, faces: [1], blend: { seeds: 3, above: 0.05 } }, job: 'develop', device: 'cpu' }, never);
    assert.deepEqual(await kernel.handlers.restored({ view, options: { ...options, blend: { seeds: 3, above: 0.05 } } }, never), [1]);
    assert.notDeepEqual(blended, nothing);
  }));

  it('of the frames of a clip stand side by side, and show what changes from frame to frame', () => withKernel({}, async (kernel, cache) => {
    await kernel.handlers.findFaces({ view, job: 'find' }, never);
    const { file, ...grid } = await kernel.handlers.grid({ view, options, walk: trunk, first: 4, last: 9, rows: 3, job: 'grid', device: 'cpu' }, never);
    assert.deepEqual(grid.frames, [4, 7, 9]);
    assert.deepEqual(grid.kept, [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(grid.change[0], [null, null, null, null, null, null]);
    assert.ok(grid.change.slice(1).flat().every((change) => change! > 0 && change! < 0.5));
    const bytes = await readFile(file);
    const [offset, length] = grid.changeCells[0]![2]!;
    assert.ok(bytes.subarray(offset, offset + length).every((value) => value === 0));
    assert.equal(length, grid.side ** 2);
    const [later, size] = grid.cells[2]![5]!.predX0;
    assert.deepEqual([...bytes.subarray(later, later + 2)], [0xff, 0xd8]);
    assert.ok(later + size <= bytes.length);
    const { path } = await kernel.handlers.exportGrid({ view, options, walk: trunk, first: 4, last: 9, rows: 3, job: 'grid', device: 'cpu', wanted: join(cache, 'grid.png') }, never);
    assert.equal(path, join(cache, 'grid.png'));
    await assert.rejects(kernel.handlers.grid({ view, options, walk: { ...trunk, face: 9 }, first: 0, last: 9, rows: 3, job: 'grid', device: 'cpu' }, never), /face 9/);
  }, join(root, 'samples', 'clip.mp4')));

  it('are written with branch and all parameters, in the same numbers as they are shown', () => withKernel({}, async (kernel, cache) => {
    const turns = [{ ...unchanged(2), eta: 1 }];
    const walk = { ...trunk, turns };
    const { path } = await kernel.handlers.exportWalk({ view, options, walk, formats: ['npz'], wanted: join(cache, 'portrait.trajectory'), job: 'export', device: 'cpu' }, never);
    const arrays = await readNpz(join(path, 'states.npz'));
    const shown = await state(kernel, 'predEps', 2, turns);
    assert.deepEqual((arrays.get('predEps')!.data as Float32Array).subarray(2 * shown.length, 3 * shown.length), shown);
    const told = kernel.progress.flatMap(({ progress }) => (progress.stage === 'writingStates' ? [progress] : []));
    assert.deepEqual(told.slice(0, 1), [{ stage: 'writingStates', state: 1, states: 3 * 5 + 3 }], 'one sees how far an export is'); // more than ten a second are not passed on
    const written = JSON.parse(await readFile(join(path, 'parameters.json'), 'utf8')) as { parameters: { turns: unknown; seed: number }; steps: readonly { eta: number }[] };
    assert.deepEqual(written.parameters.turns, turns);
    assert.deepEqual(written.steps.map(({ eta }) => eta), [0.5, 0.5, 1, 1, 1]);
    const again = await kernel.handlers.exportWalk({ view, options, walk, formats: [], wanted: join(cache, 'portrait.trajectory'), job: 'export', device: 'cpu' }, never);
    assert.equal(again.path, `${path}-2`);
  }));
});
