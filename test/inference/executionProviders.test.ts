import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceName, parseDevice, type DeviceId } from '../../kernel/inference/device.ts';
import { candidatesOf, chooseDevice, devices, knownNumbers } from '../../kernel/inference/executionProviders.ts';
import { hostFacts, type HostFacts } from '../../kernel/inference/hostFacts.ts';
import { both, type Trial } from '../../kernel/inference/trial.ts';

const facts: HostFacts = { runtime: '1', host: 'here', drivers: ['driver 1'], environment: {}, nvidia: [], windows: [], graphics: true, cudaLibrary: null };
const passed = { passed: true, difference: 1e-6, milliseconds: 1 } as const;
const failed = { passed: false, reason: 'no adapter' } as const;

/** Trials that come out as they are told to, counted. */
function trials(outcomes: Readonly<Record<string, Trial>>): { readonly tried: string[]; readonly attempt: (device: DeviceId) => Promise<Trial> } {
  const tried: string[] = [];
  return {
    tried,
    attempt: (device) => {
      tried.push(deviceName(device));
      return Promise.resolve(outcomes[deviceName(device)] ?? both(failed));
    },
  };
}

describe('execution providers', function () {
  let previous: string | undefined;
  let cache: string;
  beforeEach(async function () {
    if (!(await devices({ facts, attempt: trials({}).attempt })).some(({ name }) => name === 'webgpu')) {
      console.log('      skipped: this build of ONNX Runtime has no WebGPU');
      this.skip();
    }
    previous = process.env['DIFFACE_CACHE'];
    cache = await mkdtemp(join(tmpdir(), 'difface-devices-'));
    process.env['DIFFACE_CACHE'] = cache;
  });
  afterEach(async () => {
    if (previous === undefined) delete process.env['DIFFACE_CACHE'];
    else process.env['DIFFACE_CACHE'] = previous;
    await rm(cache, { recursive: true, force: true });
  });

  it('are tried once, and again when a driver or version changes or somebody asks', async () => {
    const { tried, attempt } = trials({ webgpu: both(passed), cpu: both(passed) });
    const first = await devices({ facts, attempt });
    assert.deepEqual(first.filter(({ usable }) => usable).map(({ name }) => name), ['webgpu', 'cpu']);
    assert.deepEqual(await devices({ facts, attempt }).then((all) => all.map(({ name, when }) => [name, when]).slice(-2)), first.map(({ name, when }) => [name, when]).slice(-2));
    assert.deepEqual(tried, ['webgpu', 'cpu']);
    await devices({ facts: { ...facts, drivers: ['driver 2'] }, attempt });
    await devices({ facts: { ...facts, runtime: '2' }, attempt });
    assert.equal(tried.length, 6);
    await devices({ facts, attempt, again: true });
    assert.equal(tried.length, 8);
  });

  it('are tried again where the remembered verdicts are damaged', async () => {
    const { tried, attempt } = trials({ cpu: both(passed) });
    await devices({ facts, attempt });
    const [file] = await readdir(join(cache, 'devices'));
    await writeFile(join(cache, 'devices', file!), '{"verdicts":{"cpu":{}}}');
    const found = await devices({ facts, attempt });
    assert.equal(found.find(({ name }) => name === 'cpu')?.usable, true);
    assert.equal(tried.length, 4);
  });

  it('auto takes the best that passed, in float16 where that passed too', async () => {
    const good = trials({ webgpu: both(passed) });
    const choice = await chooseDevice('auto', 'auto', [], { facts, attempt: good.attempt });
    assert.deepEqual([choice.device.provider, choice.precision], ['webgpu', 'float16']);
    assert.match(choice.reason, /fastest that passed.*float16/);
    assert.deepEqual(good.tried, ['webgpu'], 'the CPU need not be tried for that');
    assert.equal((await chooseDevice('auto', 'float32', [], { facts, attempt: good.attempt })).precision, 'float32');
    assert.deepEqual(await knownNumbers('auto', 'auto', { facts }), { provider: 'webgpu', precision: 'float16' });
  });

  it('auto stays in float32 where float16 failed, and on the CPU where everything failed, and says why', async () => {
    const half = { facts: { ...facts, host: 'half' }, attempt: trials({ webgpu: { float32: passed, float16: { passed: false, reason: 'has no halves' } } }).attempt };
    const choice = await chooseDevice('auto', 'auto', [], half);
    assert.deepEqual([choice.device.provider, choice.precision], ['webgpu', 'float32']);
    assert.match(choice.reason, /float16 has no halves/);
    await assert.rejects(chooseDevice('webgpu', 'float16', [], half), { kind: 'device', message: /float16: has no halves/ });
    const none = await chooseDevice('auto', 'auto', [], { facts: { ...facts, host: 'none' }, attempt: trials({}).attempt });
    assert.deepEqual([none.device.provider, none.precision], ['cpu', 'float32']);
    assert.match(none.reason, /webgpu: no adapter/);
  });

  it('auto leaves out what failed in the middle of work, and a driver that draws in software', async () => {
    const good = trials({ webgpu: both(passed) });
    assert.equal((await chooseDevice('auto', 'auto', [{ provider: 'webgpu', index: 0 }], { facts, attempt: good.attempt })).device.provider, 'cpu');
    const slow = await chooseDevice('auto', 'auto', [], { facts: { ...facts, graphics: false }, attempt: good.attempt });
    assert.equal(slow.device.provider, 'cpu');
    assert.match(slow.reason, /in software/);
    assert.equal((await chooseDevice('webgpu', 'auto', [], { facts: { ...facts, graphics: false }, attempt: good.attempt })).device.provider, 'webgpu');
  });

  it('a device that is asked for by name is that one or a failure with its reason, tried anew each time it is asked for', async () => {
    const bad = trials({});
    for (const count of [1, 2]) {
      await assert.rejects(chooseDevice('webgpu', 'auto', [], { facts, attempt: bad.attempt }), { kind: 'device', message: /'webgpu' cannot be used: no adapter; 'difface devices'/ });
      assert.equal(bad.tried.length, count);
    }
    assert.equal((await chooseDevice('webgpu', 'auto', [], { facts, attempt: trials({ webgpu: both(passed) }).attempt })).device.provider, 'webgpu');
    await assert.rejects(chooseDevice('cuda:7', 'auto', [], { facts, attempt: bad.attempt }), { kind: 'device' });
  });

  it('what is known of a choice is what was chosen, whatever passed and whatever is wished', async () => {
    const half = { float32: passed, float16: { passed: false, reason: 'has no halves' } } as const;
    const several = await devices({ facts: { ...facts, host: 'several' }, attempt: trials({}).attempt }).then((all) => all.map(({ name }) => name).filter((name) => name !== 'cpu'));
    let host = 0;
    for (const outcome of [both(passed), half, both(failed)]) {
      for (const wish of ['auto', 'cpu', ...several]) {
        for (const precision of ['auto', 'float32', 'float16'] as const) {
          const options = { facts: { ...facts, host: `${++host}` }, attempt: trials({ webgpu: outcome, cpu: both(passed) }).attempt };
          const choice = await chooseDevice(wish, precision, [], options).catch(() => undefined);
          if (choice) assert.deepEqual(await knownNumbers(wish, precision, options), { provider: choice.device.provider, precision: choice.precision }, JSON.stringify([outcome, wish, precision]));
        }
      }
    }
    assert.deepEqual(await chooseDevice('auto', 'float16', [], { facts: { ...facts, host: 'half' }, attempt: trials({ webgpu: half }).attempt }).then(({ device, precision }) => [device.provider, precision]), ['cpu', 'float16']);
  });

  it('without a trial, nothing is known and the CPU is assumed', async () => {
    assert.deepEqual(await knownNumbers('auto', 'auto', { facts }), { provider: 'cpu', precision: 'float32' });
    assert.deepEqual(await readdir(cache), []);
  });
});

describe('names of devices', () => {
  it('are read and written', () => {
    for (const name of ['cpu', 'cuda', 'cuda:1', 'dml:3', 'webgpu', 'coreml']) assert.equal(deviceName(parseDevice(name)), name);
    assert.equal(deviceName(parseDevice('cuda:0')), 'cuda');
    for (const wrong of ['gpu', 'cpu:1', 'webgpu:1', 'cuda:', 'cuda:x', 'CUDA', '']) assert.throws(() => parseDevice(wrong), { kind: 'usage', message: new RegExp(`no device '${wrong}'`) });
  });

  it('are as many as there are cards', () => {
    const names = (built: readonly DeviceId['provider'][], nvidia: readonly string[], windows: readonly string[]): readonly string[] => candidatesOf(new Set(built), { nvidia, windows }).map(deviceName);
    assert.deepEqual(names(['cpu', 'webgpu', 'cuda'], ['A', 'B'], []), ['cuda', 'cuda:1', 'webgpu', 'cpu']);
    assert.deepEqual(names(['cpu', 'webgpu', 'dml'], [], ['A', 'B', 'C']), ['dml', 'dml:1', 'dml:2', 'webgpu', 'cpu']);
    assert.deepEqual(names(['cpu', 'coreml'], [], []), ['coreml', 'cpu']);
  });
});

describe('facts of the host', () => {
  it('are the same when nothing changed, and follow the variables that choose drivers', async () => {
    const first = await hostFacts();
    assert.deepEqual(await hostFacts(), first);
    const before = process.env['VK_DRIVER_FILES'];
    process.env['VK_DRIVER_FILES'] = '/nowhere.json';
    try {
      assert.notDeepEqual(await hostFacts(), first);
    } finally {
      if (before === undefined) delete process.env['VK_DRIVER_FILES'];
      else process.env['VK_DRIVER_FILES'] = before;
    }
  });
});
