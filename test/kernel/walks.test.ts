import { strict as assert } from 'node:assert';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { KernelFailure } from '../../kernel/failure.ts';
import type { RestoreRequest, Turn } from '../../kernel/protocol.ts';
import { developFaces } from '../../kernel/pipeline/develop.ts';
import { EnginePool } from '../../kernel/pipeline/enginePool.ts';
import { FaceStores } from '../../kernel/pipeline/faceStores.ts';
import { planOf } from '../../kernel/pipeline/plan.ts';
import { root } from '../cli/command.ts';
import { writeShortClip } from '../pipeline/shortClip.ts';
import { readNpz } from '../tensor/readNpz.ts';
import { allStates, never, numbers, options, portrait, state, trunk, unchanged, view, walked, walkingSteps, withKernel } from './walkKernel.ts';

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

  it('of a frame with noise of its own end in the restored face', () => withKernel({}, async (kernel, cache) => {
    const path = join(cache, 'few.webm');
    await writeShortClip(path, 2);
    await kernel.handlers.close({ view }, never);
    await kernel.handlers.open({ view, path }, never);
    const few: RestoreRequest = { ...options, start: 4, steps: 1 };
    const own = { ...few, independentNoise: true };
    await kernel.handlers.develop({ path, options: own, range: { first: 1, last: 1 }, job: 'develop', device: 'cpu' }, never);
    const crop = await (await FaceStores.of(path, { ...await planOf(own), numbers: { provider: 'cpu', precision: 'float32' }, earlier: [] })).crop(0, 1);
    const distance = async (request: RestoreRequest): Promise<number> => {
      const of = { view, options: request, walk: { ...trunk, frame: 1 } };
      const { steps } = (await kernel.handlers.walk({ ...of, compute: true, job: 'walk', device: 'cpu' }, never))!;
      const result = await numbers(kernel.handlers.state({ ...of, state: 'xT', order: steps.length }, never));
      const plane = result.length / 3;
      return crop!.data.reduce((most, value, i) => Math.max(most, Math.abs(value - Math.min(255, Math.max(0, 127.5 * (result[(i % 3) * plane + Math.floor(i / 3)]! + 1))))), 0);
    };
    assert.ok(await distance(own) <= 1);
    assert.ok(await distance(few) > 1);
  }));

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
