import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { after, afterEach, before, describe, it } from 'mocha';
import sharp from 'sharp';
import { KernelFailure } from '../../kernel/failure.ts';
import { referenceTiles } from '../../kernel/faces/enlarge.ts';
import { InferenceClient } from '../../kernel/inference/client.ts';
import type { DeviceId } from '../../kernel/inference/device.ts';
import type { chooseDevice } from '../../kernel/inference/executionProviders.ts';
import { OutOfMemory } from '../../kernel/inference/outOfMemory.ts';
import { findProgram } from '../../kernel/media/ffmpeg.ts';
import type { Engine } from '../../kernel/pipeline/engine.ts';
import { EnginePool, type DeviceFailure } from '../../kernel/pipeline/enginePool.ts';
import { restoreFiles } from '../../kernel/pipeline/restoreFiles.ts';
import type { RestoreRequest } from '../../kernel/recipe/restoreOptions.ts';
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

  describe('whose weights are damaged', () => {
    const [parser, upsampler] = ['parsing_parsenet.pth', 'RealESRGAN_x2plus.pth'];
    const short = (): string => join(folder, 'short.mp4');
    before(async () => {
      await promisify(execFile)(await findProgram('ffmpeg'), ['-v', 'error', '-t', '0.2', '-i', join(root, 'samples', 'clip.mp4'), '-c:v', 'libx264', '-an', short()]);
      await sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } }).png().toFile(join(folder, 'faceless.png'));
    });
    const cases: readonly (readonly [string, string, () => string, RestoreRequest])[] = [
      ['the parser, a picture', parser, () => join(root, 'samples', 'portrait.png'), { mask: 'parsing' }],
      ['the parser, a clip', parser, short, { mask: 'parsing' }],
      ['the parser, a picture that is rebuilt', parser, () => join(root, 'samples', 'portrait.png'), { mask: 'parsing', background: 'realesrgan' }],
      ['the upsampler, a picture', upsampler, () => join(root, 'samples', 'portrait.png'), { background: 'realesrgan' }],
      ['the upsampler, a clip', upsampler, short, { background: 'realesrgan' }],
    ];
    const restoring = async (path: string, file: string, request: RestoreRequest): Promise<{ readonly stages: ReadonlySet<string>; readonly outcome: string }> => {
      const stages = new Set<string>();
      const [place, kept] = [join(folder, 'weights', file), join(folder, file)];
      await rename(place, kept);
      await writeFile(place, (await readFile(kept)).subarray(0, 5000));
      try {
        const results = await restoreFiles([path], { model: 'sample', backboneOnly: true, output: join(folder, 'out'), ...request }, { device: 'cpu', signal: never, onProgress: ({ stage }) => stages.add(stage) });
        return { stages, outcome: results[0]!.status };
      } catch (error) {
        assert.ok(error instanceof KernelFailure && error.kind === 'weights', String(error));
        return { stages, outcome: error.message };
      } finally {
        await rename(kept, place);
      }
    };
    for (const [name, file, path, request] of cases) {
      it(`are told before any of it is computed: ${name}`, async () => {
        const { stages, outcome } = await restoring(path(), file, request);
        assert.match(outcome, new RegExp(`${file.replace('.', '\\.')}.*'difface weights install \\w+' repairs it`));
        assert.ok(stages.has('found') && !stages.has('restoring') && !stages.has('enlarging'), [...stages].join());
      });
    }
    it('are not looked at where there is no face', async () => {
      assert.equal((await restoring(join(folder, 'faceless.png'), parser, { mask: 'parsing' })).outcome, 'no face');
    });
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
