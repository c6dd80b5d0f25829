import { strict as assert } from 'node:assert';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import type { Device } from '../../kernel/inference/executionProviders.ts';
import { readPicture } from '../../kernel/media/image.ts';
import { difface, inFolder, root } from './command.ts';

const portrait = join(root, 'samples', 'portrait.png');
/** No driver: the trials end at once, and come out alike on every machine. */
const alone = (cache: string): NodeJS.ProcessEnv => ({ DIFFACE_CACHE: cache, VK_DRIVER_FILES: '/nowhere.json', VK_ICD_FILENAMES: '/nowhere.json', CUDA_VISIBLE_DEVICES: '' });

describe('difface devices', () => {
  it('says of each device whether it can be used and why, tries none twice, and tries again when asked', () => inFolder(async (cache) => {
    const list = async (...flags: readonly string[]): Promise<readonly (Device & { readonly chosen?: { readonly precision: string; readonly reason: string } })[]> => {
      const { code, stdout, stderr } = await difface(['devices', '--json', ...flags], { env: alone(cache) });
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout) as Awaited<ReturnType<typeof list>>;
    };
    const [first, second, probed] = [await list(), await list(), await list('--probe')];
    const cpu = (devices: readonly Device[]): Device => devices.find(({ name }) => name === 'cpu')!;
    assert.ok(cpu(first).usable);
    for (const { name, usable, reason, trial } of first) assert.ok(reason.length > 5 && trial.float32.passed === usable, name);
    assert.equal(cpu(second).when, cpu(first).when);
    assert.notEqual(cpu(probed).when, cpu(first).when);
    assert.equal(first.filter(({ chosen }) => chosen).length, 1);
    const { stdout } = await difface(['devices'], { env: alone(cache) });
    assert.match(stdout, /^cpu +usable +always there$/m);
    assert.match(stdout, /^auto: \S+ in float(32|16) \(.+\)$/m);
    assert.equal((await readdir(join(cache, 'devices'))).length, 1);
  }));

  it('a device that cannot be used is a failure that says why, and restores nothing', () => inFolder(async (folder) => {
    const { code, stderr } = await difface(['restore', portrait, '--device', 'webgpu', '--device-fallback', 'always', '--output', folder], { env: alone(join(folder, 'cache')) });
    assert.equal(code, 1);
    assert.match(stderr, /^difface: the device 'webgpu' cannot be used: .+; 'difface devices' lists what can$/m);
    assert.deepEqual((await readdir(folder)).filter((name) => name !== 'cache'), []);
  }));

  it('faces restored together, or in float16, are those restored one by one in float32', () => inFolder(async (folder) => {
    const restored = async (name: string, ...flags: readonly string[]): Promise<Uint8Array> => {
      const { code, stderr } = await difface(['restore', portrait, '--model', 'sample', '--sampler', 'dpm++', '--steps', '4', '--device', 'cpu', '--output', join(folder, name), ...flags]);
      assert.equal(code, 0, stderr);
      return (await readPicture(join(folder, name, 'portrait.restored.png'))).view.data;
    };
    const one = await restored('one');
    const apart = (other: Uint8Array): number => one.reduce((largest, value, i) => Math.max(largest, Math.abs(value - other[i]!)), 0);
    assert.ok(apart(await restored('two', '--batch', '2')) <= 1);
    const half = apart(await restored('half', '--precision', 'float16'));
    assert.ok(half > 0 && half <= 8, `${half}`);
  }));
});
