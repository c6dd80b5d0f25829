import { strict as assert } from 'node:assert';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { KernelFailure } from '../../kernel/failure.ts';
import type { DeviceId } from '../../kernel/inference/device.ts';
import type { Choice, chooseDevice } from '../../kernel/inference/executionProviders.ts';
import { OutOfMemory } from '../../kernel/inference/outOfMemory.ts';
import type { Engine } from '../../kernel/pipeline/engine.ts';
import { developFaces, exportDeveloped } from '../../kernel/pipeline/develop.ts';
import { EnginePool, type DeviceFailure, type EnginePoolOptions, type ResultNumbers } from '../../kernel/pipeline/enginePool.ts';
import { FaceStores } from '../../kernel/pipeline/faceStores.ts';
import { readLockfile } from '../../kernel/pipeline/lockNames.ts';
import { planOf, type Plan } from '../../kernel/pipeline/plan.ts';
import { replay } from '../../kernel/pipeline/replay.ts';
import { restoreFiles } from '../../kernel/pipeline/restoreFiles.ts';
import type { Tensor } from '../../kernel/tensor/tensor.ts';
import { findModel } from '../../kernel/weights/catalog.ts';
import { inFolder, root } from '../cli/command.ts';

const portrait = join(root, 'samples', 'portrait.png');
const never = new AbortController().signal;
const recipe = { kind: 'ddim', respacing: 'ddim250', start: 3, steps: 3, eta: 1 } as const;
/** A provider that no runtime on this machine has: its graphs cannot be loaded. */
const absent = { provider: process.platform === 'darwin' ? 'dml' : 'coreml', index: 0 } as const;
const onCpu: Choice = { device: { provider: 'cpu', index: 0 }, precision: 'float32', reason: 'left' };

/** Chooses the absent one until it failed. */
const choose: typeof chooseDevice = (_, __, except: readonly DeviceId[] | undefined) => Promise.resolve((except ?? []).length === 0 ? { device: absent, precision: 'float16', reason: 'first' } : onCpu);

describe('devices at work', () => {
  let previous: string | undefined;
  let cache: string;
  const pools: EnginePool[] = [];
  const poolOf = (options: EnginePoolOptions): EnginePool => {
    const pool = new EnginePool({ threads: 1, ...options });
    pools.push(pool);
    return pool;
  };
  before(async () => {
    previous = process.env['DIFFACE_CACHE'];
    cache = await mkdtemp(join(tmpdir(), 'difface-devices-'));
    process.env['DIFFACE_CACHE'] = cache;
  });
  afterEach(() => {
    for (const pool of pools.splice(0)) pool.dispose();
  });
  after(async () => {
    if (previous === undefined) delete process.env['DIFFACE_CACHE'];
    else process.env['DIFFACE_CACHE'] = previous;
    await rm(cache, { recursive: true, force: true });
  });

  it('give the same numbers, to the last bits of a float32, however many crops are computed at once', async () => {
    const model = await findModel('sample');
    const side = model.description.faceSize;
    const crops = Array.from({ length: 5 }, (_, n): Tensor => ({ data: Float32Array.from({ length: 3 * side * side }, (__, i) => 0.5 + 0.4 * Math.sin((0.01 + 0.003 * n) * i)), shape: [1, 3, side, side] }));
    const results: (readonly Tensor[])[] = [];
    for (const batch of [1, 2, 3]) {
      const engine = await poolOf({ batch }).engine({ model, device: 'cpu', precision: undefined });
      assert.equal(engine.batchSize, batch);
      const outcomes = await Promise.all(crops.map((crop, track) => engine.restore(crop, { method: { kind: 'diffusion', recipe }, turns: [], seed: 5, track, signal: never })));
      results.push(outcomes.map(({ restored }) => restored));
    }
    const apart = results.slice(1).flatMap((batched) => batched.map((restored, i) => Math.max(...restored.data.map((value, k) => Math.abs(value - results[0]![i]!.data[k]!)))));
    assert.ok(Math.max(...apart) < 2e-6, `${apart.join()}: convolutions add in another order, noise is the same`);
    assert.notDeepEqual(results[0]![0]!.data, results[0]![1]!.data);
  });

  it('are chosen by default with one crop at once on a CPU', async () => {
    const told: [Choice, number][] = [];
    const engine = await poolOf({ onDevice: (choice, batch) => told.push([choice, batch]) }).engine({ model: await findModel('sample'), device: 'cpu', precision: undefined });
    assert.equal(engine.batchSize, 1);
    assert.deepEqual(told.map(([{ device, precision }, batch]) => [device.provider, precision, batch]), [['cpu', 'float32', 1]]);
  });

  it('that fail are left for the next one if that is agreed to, and what they had done is used', () => inFolder(async (output) => {
    const failures: DeviceFailure[] = [];
    const pool = poolOf({ choose, onDeviceFailure: (failure) => { failures.push(failure); return Promise.resolve(true); } });
    const [result] = await restoreFiles([portrait], { model: 'sample', sampler: 'ddim', start: 1, steps: 1, faces: [1], output }, { device: 'auto', signal: never, engines: pool });
    assert.ok(result?.status === 'restored', JSON.stringify(result));
    assert.deepEqual(failures.map(({ device, next }) => [device, next]), [[absent.provider, 'cpu']]);
    assert.match(result.notes.join(), new RegExp(`${absent.provider} failed .*go on on cpu`));
    assert.equal((await readLockfile(result.lockfile!))!.locked.device.earlier, undefined, 'it had made nothing of it');
    assert.deepEqual(await pool.numbers(undefined, 'auto'), { numbers: { provider: 'cpu', precision: 'float32' }, earlier: [{ provider: absent.provider, precision: 'float16' }] } satisfies ResultNumbers);
    const [again] = await restoreFiles([portrait], { model: 'sample', sampler: 'ddim', start: 1, steps: 1, faces: [1], output }, { device: 'auto', signal: never, engines: pool });
    assert.ok(again?.status === 'restored' && failures.length === 1, 'it is not tried and asked again');
    assert.deepEqual(again.notes, []);
  }));

  it('that failed after they had made a face are named in the lockfile, and replaying says what that means before it computes', () => inFolder(async (output) => {
    const pool = poolOf({ choose, onDeviceFailure: () => Promise.resolve(true) });
    const picture = join(output, 'a.png');
    await copyFile(portrait, picture);
    const job = { path: picture, request: { model: 'sample', sampler: 'ddim', start: 1, steps: 1, output } as const, engines: pool, device: 'auto', signal: never, onProgress: () => undefined };
    const made = { width: 128, height: 128, data: new Uint8Array(3 * 128 * 128).fill(99) };
    await (await FaceStores.of(picture, { ...await planOf(job.request), numbers: { provider: absent.provider, precision: 'float16' }, earlier: [] })).put(0, 0, made);
    await developFaces(job);
    const result = await exportDeveloped(job);
    assert.ok(result.status === 'restored');
    const { locked: { device } } = (await readLockfile(result.lockfile!))!;
    assert.deepEqual([device.name, device.precision, device.earlier], ['cpu', 'float32', [absent.provider]]);
    const told: string[] = [];
    const replayed = await replay(result.lockfile!, { signal: never, onProgress: ({ stage }) => told.push(stage), onDifference: ({ message }) => told.push(message) });
    const said = told.findIndex((one) => one.startsWith(`some of its faces were made on ${absent.provider}, which failed then, and the others on cpu: one device alone cannot make it again bit for bit`));
    assert.ok(said >= 0 && said < told.indexOf('restoring'), told.join('; '));
    assert.deepEqual([replayed.identical, replayed.differences.map(({ what }) => what)], [false, ['device', 'pixels']]);
  }));

  it('that made faces of a picture before another went on are known', () => inFolder(async (output) => {
    const request = { model: 'sample', sampler: 'ddim', start: 1, steps: 1, output } as const;
    const picture = join(output, 'a.png');
    await copyFile(portrait, picture);
    const made = { width: 128, height: 128, data: new Uint8Array(3 * 128 * 128).fill(99) };
    await (await FaceStores.of(picture, { ...await planOf(request), numbers: { provider: absent.provider, precision: 'float16' }, earlier: [] })).put(0, 0, made);
    const [result] = await restoreFiles([picture], request, { device: 'auto', signal: never, engines: poolOf({ choose, onDeviceFailure: () => Promise.resolve(true) }) });
    assert.ok(result?.status === 'restored', JSON.stringify(result));
    assert.deepEqual(result.earlierDevices, [absent.provider]);
    assert.deepEqual((await readLockfile(result.lockfile!))!.locked.device.earlier, [absent.provider]);
  }));

  it('that fail end the work if nobody agrees, and so does the CPU, which has no next one', () => inFolder(async (output) => {
    const request = { model: 'sample', sampler: 'ddim', start: 1, steps: 1, output } as const;
    for (const answer of [undefined, () => Promise.resolve(false)]) {
      const pool = poolOf({ choose, ...(answer ? { onDeviceFailure: answer } : {}) });
      const [result] = await restoreFiles([portrait], request, { device: 'auto', signal: never, engines: pool });
      assert.ok(result?.status === 'failed' && result.kind === 'device', JSON.stringify(result));
      assert.deepEqual(pool.fallbacks, []);
    }
    let asked = 0;
    const pool = poolOf({ onDeviceFailure: () => { asked++; return Promise.resolve(true); } });
    const use = pool.use({ model: await findModel('sample'), device: 'cpu', precision: undefined }, async (engine) => {
      await engine.prepare(never);
      process.kill(engine.restorerPid!, 'SIGSEGV');
      return restored(engine);
    });
    await use.catch((error: unknown) => { assert.ok(error instanceof KernelFailure && error.kind === 'device'); });
    assert.equal(asked, 0);
  }));

  it('whose process the system kills for its memory are told from others', async () => {
    const engine = await poolOf({}).engine({ model: await findModel('sample'), device: 'cpu', precision: undefined });
    await engine.prepare(never);
    const work = engine.restore(crop(), { method: { kind: 'diffusion', recipe: { ...recipe, start: 200, steps: 200 } }, turns: [], seed: 1, track: 0, signal: never, onStep: (step) => { if (step === 1) process.kill(engine.restorerPid!, 'SIGKILL'); } });
    await assert.rejects(work, (error) => error instanceof OutOfMemory && /too little memory/.test(error.message) && engine.failedWith(error));
  });

  it('that run out of memory go on with half as many crops in a fresh process, to the same results', async () => {
    const engine = await poolOf({ batch: 4 }).engine({ model: await findModel('sample'), device: 'cpu', precision: undefined });
    const pids = new Set<number>();
    const restoreAll = (atStep: (step: number) => void): Promise<readonly Tensor[]> => Promise.all([0, 1, 2, 3].map(async (track) => (await engine.restore(crop(), {
      method: { kind: 'diffusion', recipe: { ...recipe, start: 20, steps: 20 } }, turns: [], seed: 1, track, signal: never, ...(track === 0 ? { onStep: atStep } : {}),
    })).restored));
    const halved = await restoreAll((step) => {
      pids.add(engine.restorerPid!);
      if (step === 1 && pids.size === 1) process.kill(engine.restorerPid!, 'SIGKILL');
    });
    assert.equal(engine.batchSize, 2);
    assert.equal(pids.size, 2);
    const again = await restoreAll(() => undefined);
    for (const [track, tensor] of again.entries()) assert.deepEqual(tensor, halved[track]);
  });

  it('do not share results, unless one went on where another failed', async () => {
    const asked = await planOf({ model: 'sample' });
    const on = (numbers: Plan['numbers'], earlier: Plan['earlier'] = []): Plan => ({ ...asked, numbers, earlier });
    const [gpu, cpu] = [{ provider: 'webgpu', precision: 'float16' }, { provider: 'cpu', precision: 'float32' }] as const;
    const image = (value: number) => ({ width: 128, height: 128, data: new Uint8Array(3 * 128 * 128).fill(value) });
    await (await FaceStores.of(portrait, on(gpu))).put(0, 0, image(10));
    for (const other of [cpu, { ...gpu, precision: 'float32' }, { ...gpu, provider: 'cuda' }] as const) assert.equal((await FaceStores.of(portrait, on(other))).has(0, 0), false);
    const after = await FaceStores.of(portrait, on(cpu, [gpu]));
    assert.equal((await after.crop(0, 0))?.data[0], 10);
    await after.put(1, 0, image(20));
    assert.equal((await after.crop(1, 0))?.data[0], 20);
    const [ofGpu, ofCpu] = [await FaceStores.of(portrait, on(gpu)), await FaceStores.of(portrait, on(cpu))];
    assert.deepEqual([ofGpu.has(1, 0), ofCpu.has(1, 0), ofCpu.has(0, 0)], [false, true, false]);
  });
});

function crop(): Tensor {
  return { data: new Float32Array(3 * 128 * 128).fill(0.5), shape: [1, 3, 128, 128] };
}

function restored(engine: Engine): Promise<unknown> {
  return engine.restore(crop(), { method: { kind: 'diffusion', recipe }, turns: [], seed: 1, track: 0, signal: never });
}
