import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { z } from 'zod';
import { optionWords } from '../../kernel/recipe/optionWords.ts';
import { restoreOptions, standing } from '../../kernel/recipe/restoreOptions.ts';
import { root } from '../cli/command.ts';

interface Setting {
  readonly type: string | readonly string[];
  readonly default: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly enumDescriptions?: readonly string[];
  readonly pattern?: string;
}

const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { contributes: { configuration: { properties: Record<string, Setting> } } };
/** Settings that are options of a restoration. */
const settings = { steps: 'steps', seed: 'seed', mask: 'mask', upscale: 'upscale', background: 'background', matchColours: 'matchColours', detector: 'detector', 'device.precision': 'precision', outputSuffix: 'suffix' } as const;

describe('the words of options', () => {
  it('are those of each option itself, with the range of its numbers', () => {
    const titles = Object.values(optionWords).map(({ title }) => title);
    assert.equal(new Set(titles).size, titles.length, titles.join(', '));
    assert.deepEqual([optionWords.matchColours.title, optionWords.trajectory.title], ['Match colours', 'Trajectory']);
    assert.deepEqual([optionWords.seed.low, optionWords.seed.high, optionWords.eta.high, optionWords.mask.low], [0, 2 ** 32 - 1, 1, undefined]);
    assert.deepEqual(optionWords.sampler.choices?.map(({ value }) => value), ['ddim', 'ddpm', 'dpm++']);
  });
});

describe('settings that are options of a restoration', () => {
  for (const [name, option] of Object.entries(settings)) {
    const setting = contributes.configuration.properties[`difface.${name}`]!;
    const schema: z.ZodType = restoreOptions[option];

    it(`difface.${name} takes what the option takes`, () => {
      if (schema instanceof z.ZodNumber) assert.deepEqual([setting.minimum, setting.maximum], [schema.minValue, schema.maxValue]);
      else if (schema instanceof z.ZodEnum) assert.deepEqual(setting.enum, schema.options);
      for (const value of setting.enum ?? []) assert.ok(schema.safeParse(value).success, String(value));
      assert.equal(setting.enumDescriptions?.length ?? setting.enum?.length, setting.enum?.length);
      if (setting.pattern !== undefined) for (const bad of ['a/b', 'a\\b', '', '.', '..', ' . ']) assert.equal(new RegExp(setting.pattern).test(bad) || schema.safeParse(bad).success, false, bad);
      if (setting.pattern !== undefined) for (const good of ['restored', '.v2', '2024.1', 'ü 名']) assert.ok(new RegExp(setting.pattern).test(good) && schema.safeParse(good).success, good);
    });

    it(`difface.${name} has the default of the option`, () => {
      const { [option as keyof typeof standing]: otherwise } = standing as Readonly<Record<string, unknown>>;
      assert.equal(setting.default, otherwise ?? null);
    });
  }
});
