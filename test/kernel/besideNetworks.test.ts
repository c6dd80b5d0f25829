import { strict as assert } from 'node:assert';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { KernelFailure } from '../../kernel/failure.ts';
import { referenceTiles } from '../../kernel/faces/enlarge.ts';
import { InferenceClient } from '../../kernel/inference/client.ts';
import type { DeviceId } from '../../kernel/inference/device.ts';
import type { chooseDevice } from '../../kernel/inference/executionProviders.ts';
import { OutOfMemory } from '../../kernel/inference/outOfMemory.ts';
import type { Engine } from '../../kernel/pipeline/engine.ts';
import { EnginePool, type DeviceFailure } from '../../kernel/pipeline/enginePool.ts';
import type { RgbImage } from '../../kernel/tensor/rgbImage.ts';
import { root } from '../cli/command.ts';

const fixtures = join(root, 'test', 'parity', 'fixtures');
const never = new AbortController().signal;
/** A provider that no runtime on this machine has. */
const absent = { provider: process.platform === 'darwin' ? 'dml' : 'coreml', index: 0 } as const;
const wish = { model: undefined, device: 'auto', precision: undefined } as const;

function picture(width: number, height: number): RgbImage {
  return { width, height, data: Uint8Array.from({ length: 3 * width * height }, (_, i) => 128 + 100 * Math.sin(0.02 * i) * Math.cos(0.11 * (i % width))) };
}

describe('the networks around the faces', () => {
  let folder: string;
  const variables = ['DIFFACE_WEIGHTS', 'DIFFACE_CACHE'] as const;
  const previous = variables.map((name) => process.env[name]);
  const pools: EnginePool[] = [];
  type Infer = (this: InferenceClient, ...asked: Parameters<InferenceClient['infer']>) => ReturnType<InferenceClient['infer']>;
  const infer: Infer = Reflect.get(InferenceClient.prototype, 'infer');
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'difface-beside-'));
    await mkdir(join(folder, 'weights'));
    await cp(join(fixtures, 'parsenet', 'parsenet.pth'), join(folder, 'weights', 'parsing_parsenet.pth'));
    await cp(join(fixtures, 'rrdbnet', 'rrdb_x2.pth'), join(folder, 'weights', 'RealESRGAN_x2plus.pth'));
    process.env['DIFFACE_WEIGHTS'] = join(folder, 'weights');
    process.env['DIFFACE_CACHE'] = join(folder, 'cache');
  });
  afterEach(() => {
    InferenceClient.prototype.infer = infer;
    for (const pool of pools.splice(0)) pool.dispose();
  });
  after(async () => {
    for (const [i, name] of variables.entries()) {
      if (previous[i] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = previous[i];
    }
    await rm(folder, { recursive: true, force: true });
  });
  const engine = (): Promise<Engine> => {
    pools.push(new EnginePool({ threads: 1 }));
    return pools.at(-1)!.engine({ ...wish, device: 'cpu' });
  };
  /** A device with memory for tiles that are so large. @returns the larger side of each that was tried */
  const withMemoryFor = (side: number): readonly number[] => {
    const tried: number[] = [];
    InferenceClient.prototype.infer = function (name, feeds) {
      const largest = Math.max(...feeds['x']!.shape.slice(2));
      tried.push(largest);
      return largest > side ? Promise.reject(new OutOfMemory('out of memory')) : infer.call(this, name, feeds);
    };
    return tried;
  };

  const works: Readonly<Record<string, (engine: Engine) => Promise<number>>> = {
    parser: async (one) => (await one.parse(picture(64, 64), never)).length,
    upsampler: async (one) => (await one.enlarge(picture(20, 12), never, () => undefined)).data.length,
  };
  for (const [name, work] of Object.entries(works)) {
    it(`go on on the next device where the ${name} fails on the first, if that is agreed to`, async () => {
      const choose: typeof chooseDevice = (_, __, except: readonly DeviceId[] | undefined) => Promise.resolve({ device: (except ?? []).length === 0 ? absent : { provider: 'cpu', index: 0 }, precision: 'float32', reason: 'told to' });
      const failures: DeviceFailure[] = [];
      const agreeing = new EnginePool({ threads: 1, choose, onDeviceFailure: (failure) => { failures.push(failure); return Promise.resolve(true); } });
      const refusing = new EnginePool({ threads: 1, choose, onDeviceFailure: () => Promise.resolve(false) });
      pools.push(agreeing, refusing);
      assert.ok(await agreeing.use(wish, work) > 0);
      assert.deepEqual(failures.map(({ device, next }) => [device, next]), [[absent.provider, 'cpu']]);
      await assert.rejects(refusing.use(wish, work), (error) => error instanceof KernelFailure && error.kind === 'device');
    });
  }

  it('that fail for their weights are no failure of the device', async () => {
    const one = await engine();
    process.env['DIFFACE_WEIGHTS'] = join(folder, 'nowhere');
    try {
      await assert.rejects(one.parse(picture(64, 64), never), (error) => error instanceof KernelFailure && error.kind === 'weights' && !one.failedWith(error));
    } finally {
      process.env['DIFFACE_WEIGHTS'] = join(folder, 'weights');
    }
    assert.ok((await one.parse(picture(64, 64), never)).length > 0, 'it is tried again');
  });

  it('are loaded for others when one who asked first gives up', async () => {
    const [one, controller] = [await engine(), new AbortController()];
    const [first, second] = [one.parse(picture(64, 64), controller.signal), one.parse(picture(64, 64), never)];
    controller.abort(new KernelFailure('cancelled', 'enough'));
    await assert.rejects(first, /enough/);
    assert.ok((await second).length > 0);
  });

  it('enlarge in smaller tiles where the device has no memory for the usual ones, to the same picture but near the borders of tiles', async () => {
    const image = picture(430, 40);
    const usual = await (await engine()).enlarge(image, never, () => undefined);
    const starved = await engine();
    const tried = withMemoryFor(150);
    const told: number[] = [];
    const halved = await starved.enlarge(image, never, (tile, tiles) => { if (tile === tiles) told.push(tiles); });
    const { tile, padding } = referenceTiles;
    assert.deepEqual(tried.slice(0, 3), [tile + padding, tile / 2 + padding, tile / 4 + padding]);
    assert.ok(tried.slice(2).every((side) => side <= tile / 4 + 2 * padding));
    assert.deepEqual(told, [5]);
    const borders = [100, 200, 300, 400].map((x) => 2 * x);
    let [near, far] = [0, 0];
    for (const [i, value] of halved.data.entries()) {
      const x = Math.floor(i / 3) % halved.width;
      const apart = Math.abs(value - usual.data[i]!);
      if (borders.some((border) => Math.abs(x - border) <= 2 * padding)) near = Math.max(near, apart);
      else far = Math.max(far, apart);
    }
    assert.ok(far <= 1 && near <= 8, `${far} levels far from borders, ${near} near them`);
    const before = tried.length;
    await starved.enlarge(image, never, () => undefined);
    assert.equal(tried.length - before, 5, 'the usual tiles are not tried again');
  });

  it('fail where there is no memory for the smallest tile, as a failure of the device', async () => {
    const one = await engine();
    const tried = withMemoryFor(10);
    await assert.rejects(one.enlarge(picture(430, 40), never, () => undefined), (error) => error instanceof OutOfMemory && one.failedWith(error));
    assert.deepEqual(tried, [410, 210, 110, 60]);
  });
});
