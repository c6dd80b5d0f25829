import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import * as defaults from '../../extension/defaults.ts';
import { DocumentMemory } from '../../extension/documentMemory.ts';
import { DocumentOptions } from '../../extension/documentOptions.ts';
import { mergedOptions } from '../../extension/mergedOptions.ts';
import { defaultSeed, defaultSuffix } from '../../kernel/recipe/restoreOptions.ts';
import type { RestoreRequest } from '../../kernel/protocol.ts';
import { root } from '../cli/command.ts';

class MemoryOfWindow {
  private readonly entries = new Map<string, unknown>();
  keys(): readonly string[] {
    return [...this.entries.keys()];
  }
  get<T>(key: string, otherwise?: T): T {
    return (this.entries.get(key) ?? otherwise) as T;
  }
  update(key: string, value: unknown): Promise<void> {
    if (value === undefined) this.entries.delete(key);
    else this.entries.set(key, JSON.parse(JSON.stringify(value)));
    return Promise.resolve();
  }
}

const turns = [{ at: 3, sampler: 'ddim', steps: 5, eta: 0, seed: 7 }] as const;

describe('what is chosen for a file', () => {
  it('follows the settings where nothing else was chosen, and outlives the window', () => {
    const memory = new DocumentMemory(new MemoryOfWindow());
    let settings: RestoreRequest = { seed: 1, steps: 50 };
    const open = () => new DocumentOptions(memory, 'file:///a.png', { size: 1, mtime: 1 }, () => settings);
    const options = open();
    options.choose({ seed: 2, steps: 50 });
    options.leaveOut(3, true);
    options.leaveOut(1, true);
    settings = { seed: 1, steps: 20 };
    assert.deepEqual(options.all, { seed: 2, steps: 20 });
    assert.deepEqual([open().all, open().leftOut], [{ seed: 2, steps: 20 }, [1, 3]]);
  });

  it('forgets faces and branches with the file they belong to, now and after a reload, and keeps the rest', () => {
    const memory = new DocumentMemory(new MemoryOfWindow());
    const [first, second] = [{ size: 1, mtime: 1 }, { size: 2, mtime: 1 }];
    const options = new DocumentOptions(memory, 'a', first, () => ({}));
    const arrange = (): void => {
      options.choose({ seed: 2 });
      options.branch({ face: 1, frame: 0, turns });
      options.leaveOut(1, true);
    };
    arrange();
    assert.deepEqual(new DocumentOptions(memory, 'a', second, () => ({})).all, { seed: 2 });
    assert.deepEqual(new DocumentOptions(memory, 'a', second, () => ({})).leftOut, []);
    options.found(first);
    assert.deepEqual([options.leftOut, options.all.branches?.length], [[1], 1]);
    options.found(second);
    assert.deepEqual([options.leftOut, options.all], [[], { seed: 2 }]);
    arrange();
    assert.deepEqual(new DocumentOptions(memory, 'a', second, () => ({})).leftOut, [1], 'it is remembered for the new one');
  });

  it('loses its branches with the walk they turn off from', () => {
    let settings: RestoreRequest = { seed: 1 };
    const options = new DocumentOptions(new DocumentMemory(new MemoryOfWindow()), 'a', undefined, () => settings);
    options.branch({ face: 1, frame: 0, turns });
    options.branch({ face: 2, frame: 0, turns });
    options.branch({ face: 1, frame: 0, turns: [] });
    assert.deepEqual(options.all.branches?.map(({ face }) => face), [2]);
    options.choose({ ...options.all, strength: 0.5 });
    const before = options.all;
    assert.equal(before.branches?.length, 1);
    settings = { seed: 9 };
    options.followSettings(before);
    assert.equal('branches' in options.all, false);
  });

  it('is blended as the settings say until something else is chosen', () => {
    let settings: RestoreRequest = {};
    const options = new DocumentOptions(new DocumentMemory(new MemoryOfWindow()), 'a', undefined, () => settings);
    options.blend({ seeds: 4, above: 0.1 });
    assert.deepEqual(options.all.blend, { seeds: 4, above: 0.1 });
    options.blend(null);
    assert.equal(options.all.blend, undefined);
    settings = { blend: { seeds: 8, above: 0.2 } };
    options.blend(null);
    assert.equal(options.all.blend, 'none');
  });

  it('is remembered for the 200 files that were changed last', () => {
    const window = new MemoryOfWindow();
    void window.update('something else', 1);
    let now = 0;
    const memory = new DocumentMemory(window, () => ++now);
    for (let file = 0; file < 201; file++) memory.remember(`${file}`, undefined, { chosen: { seed: file }, leftOut: [] });
    memory.remember('1', undefined, { chosen: { seed: 77 }, leftOut: [] });
    memory.remember('new', undefined, { chosen: {}, leftOut: [] });
    const known = (uri: string): boolean => window.keys().includes(`document ${uri}`);
    assert.deepEqual(['0', '1', '2', '3', 'new'].map(known), [false, true, false, true, true]);
    assert.equal(window.keys().length, 201);
    assert.equal(memory.recall('1', undefined).chosen.seed, 77);
  });

  it('leaves out a number of steps where the sampler has none of its own', () => {
    assert.deepEqual(mergedOptions({ steps: 50, seed: 1 }, { sampler: 'ddpm', start: 68 }), { seed: 1, sampler: 'ddpm', start: 68 });
    assert.deepEqual(mergedOptions({ steps: 50 }, { sampler: 'dpm++' }), { steps: 50, sampler: 'dpm++' });
  });
});

describe('the defaults of the editor', () => {
  it('are those of the kernel and of the settings', () => {
    const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly contributes: { readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> } } };
    const { 'difface.seed': seed, 'difface.outputSuffix': suffix } = contributes.configuration.properties;
    assert.deepEqual([defaults.defaultSeed, defaults.defaultSuffix], [defaultSeed, defaultSuffix]);
    assert.deepEqual([seed?.default, suffix?.default], [defaultSeed, defaultSuffix]);
  });
});
