import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import type { z } from 'zod';
import { format } from '../../kernel/recipe/language/formatting.ts';
import { hover } from '../../kernel/recipe/language/hover.ts';
import { lenses } from '../../kernel/recipe/language/lenses.ts';
import { links } from '../../kernel/recipe/language/links.ts';
import { givenNames, namePlaceAt, namePlaces } from '../../kernel/recipe/language/naming.ts';
import { outline } from '../../kernel/recipe/language/outline.ts';
import { tokens } from '../../kernel/recipe/language/tokens.ts';
import { actionLines } from '../../kernel/recipe/actionLines.ts';
import { actionKinds } from '../../kernel/recipe/actions.ts';
import { parseRecipe } from '../../kernel/recipe/parse.ts';
import { keysOf, rangeOf, shapeOf } from '../../kernel/recipe/valueShape.ts';
import { wordsOf } from '../../kernel/recipe/words.ts';
import { marked, world } from './memory.ts';

async function hovered(written: string): Promise<string> {
  const { text, offset } = marked(written);
  return (await hover(parseRecipe(text, ['earlier']), offset, world(undefined, [{ name: 'earlier', kind: 'restore', about: 'w.png' }, { name: 'earlier', kind: 'measure', about: 'x.png' }])))?.text ?? '';
}

describe('hovers in recipes', () => {
  const cases: readonly (readonly [string, readonly RegExp[]])[] = [
    ['rest¦ore: a.png', [/Restores the faces/]],
    ['restore: a.png\nsta¦rt: 3', [/Start step/, /whole number from 1 to 1000/, /Unit: index/, /left out: 100 of 250/, /Source: Yue and Loy/]],
    ['restore: a.png\nsampler: dd¦pm', [/learned variance/]],
    ['measure: a.png\nmetrics: [ss¦im]', [/Wang/]],
    ['restore: portr¦ait.png', [/portrait\\\.png|portrait\.png/, /A picture, 2\.4 MB/]],
    ['restore: nowhere¦.png', [/nothing yet/]],
    ['- restore: a.png\n  as: face\n- show: $fa¦ce', [/the result of `restore` of a\.png/]],
    ['- restore: a.png\n  as: x\n- show: $¦x\n- restore: b.mp4\n  as: x\n- show: $x', [/the result of `restore` of a\.png/]],
    ['- restore: a.png\n  as: x\n- show: $x\n- restore: b.mp4\n  as: x\n- show: $¦x', [/the result of `restore` of b\.mp4/]],
    ['- restore: a.png\n  as: x\n- as: x\n  restore: $¦x', [/the result of `restore` of a\.png/]],
    ['show: $earl¦ier', [/the result of `measure` of x\.png/]],
    ['restore: a.png\nmodel: diff¦ace', [/Model difface.*not installed/s, /ddim from step 100/]],
    ['restore: a.png\ndevice: cu¦da', [/cannot be used.*no card/]],
    ['restore: a.png\ndetector: yolov5¦n', [/weights are not installed/]],
    ['restore: a.png\nbranches: [{face: 1, turns: [{a¦t: 3}]}]', [/From state/, /0 is the diffused estimate/, /whole number from 0 to 999/, /Unit: calls/]],
    ['restore: a.png\nbranches: [{face: 1, turns: [{at: 3, sampler: dd¦pm}]}]', [/learned variance/]],
    ['restore: a.png\nbranches: [{face: 1, turns: [{at: 3, sampler: dd¦}]}]', [/\*\*Sampler\*\* `sampler`/]],
    ['compare: a.png\nsta¦rt: [1, 2]', [/Unit: index/, /Source: Yue and Loy/]],
    ['restore: a.png\nblend: {see¦ds: 8, above: 1}', [/whole number from 2 to 64/]],
  ];
  for (const [text, expected] of cases) {
    it(JSON.stringify(text), async () => {
      const said = await hovered(text);
      for (const one of expected) assert.match(said, one);
    });
  }

  /** Every key of an action, those of mappings and lists inside of it too. */
  function* everyKey(fields: Readonly<Record<string, z.ZodType>>, above: readonly (string | number)[] = []): Generator<{ readonly path: readonly (string | number)[]; readonly schema: z.ZodType }> {
    for (const [name, schema] of Object.entries(fields)) {
      const path = [...above, name];
      yield { path, schema };
      const { fields: inner, element } = shapeOf(schema);
      const entries = element && shapeOf(element).fields;
      if (inner) yield* everyKey(inner, path);
      if (entries) yield* everyKey(entries, [...path, 0]);
    }
  }

  const written = ([first, ...rest]: readonly (string | number)[]): string => {
    if (first === undefined) return '1';
    if (typeof first === 'number') return `[${written(rest)}]`;
    return rest.length === 0 ? `{¦${first}: 1}` : `{${first}: ${written(rest)}}`;
  };

  it('say of every key what it means and takes, its unit, range, default and source, in words for a person', async () => {
    let keys = 0;
    for (const kind of actionKinds) for (const { path, schema } of everyKey(keysOf(kind))) {
      keys++;
      const [name, where, words] = [String(path.at(-1)), `${kind}: ${path.join(', ')}`, wordsOf(schema)!];
      const said = await hovered(path.length === 1 ? (name === kind ? `¦${kind}: a.png` : `${kind}: a.png\n¦${name}: 1`) : `${kind}: a.png\n${String(path[0])}: ${written(path.slice(1))}`);
      assert.ok(said.includes(`**${words.title}** \`${name}\`\n\n${words.meaning}`) && words.meaning.length > 10, `${where}: ${said}`);
      if (name !== 'versions') assert.match(said, /Takes (?!Invalid)./, `${where}: ${said}`);
      const { low, high } = rangeOf(schema);
      if (high !== undefined && high < Number.MAX_SAFE_INTEGER) for (const limit of [low, name === 'keep' ? low : high]) assert.ok(said.includes(String(limit)), `${where} has no ${String(limit)}: ${said}`);
      if (words.unit !== undefined) assert.ok(said.includes(`Unit: ${words.unit}.`), where);
      if (schema.def.type === 'optional') assert.match(said, /Where it is left out: [^.]/, where);
      if (words.source !== undefined) assert.ok(said.includes(`Source: ${words.source}.`), where);
      assert.doesNotMatch(said, /undefined|expected \w+, received/, where);
    }
    assert.ok(keys > 100, `only ${keys} keys`);
  });

  it('are silent about what nobody declared', async () => {
    for (const text of ['ban¦ana: 3', 'restore: a.png\nban¦ana: 3', '# com¦ment', '¦']) assert.equal(await hovered(text), '');
  });
});

describe('formatting recipes', () => {
  it('keeps comments and order, and writes one form', () => {
    const text = '# what this is\n-   restore:   [ a.png,b.png ]   # both\n    seed:  3\n\n\n\n    # why\n    eta:   0.50\n-   show:   "$x"\n';
    assert.equal(format(text), '# what this is\n- restore: [a.png, b.png] # both\n  seed: 3\n\n  # why\n  eta: 0.50\n- show: "$x"\n');
  });

  it('leaves alone what has errors, is nothing, or would change', () => {
    for (const text of ['restore: [a.png', 'a: 1\na: 2\n', '', '# only this\n', 'restore: a.png\n---\nshow: b.png\n']) assert.equal(format(text), undefined, JSON.stringify(text));
  });
});

describe('other features of recipes', () => {
  const text = '- restore: portrait.png\n  as: face\n  sampler: ddim\n  seed: 3\n  trajectory: true\n  model: sample\n  locked: {}\n- show: "$face"\n  beside: \'clip.mp4\'\n';
  const recipe = parseRecipe(text);

  it('links lead to files that are there', async () => {
    const found = await links(parseRecipe('- restore: [portrait.png, nowhere.png, photos]\n- show: "$x"\n  beside: \'clip.mp4\''), world());
    assert.deepEqual(found.map(({ path }) => path), ['/w/portrait.png', '/w/clip.mp4']);
    const { at } = (await links(recipe, world()))[1]!;
    assert.equal(text.slice(at.start, at.end), 'clip.mp4');
  });

  it('each word has its colour', () => {
    assert.deepEqual(tokens(recipe).map(({ at, type, declares }) => `${text.slice(at.start, at.end)} ${type}${declares ? ' declaration' : ''}`), [
      'restore keyword', 'portrait.png string', 'as property', 'face variable declaration', 'sampler property', 'ddim enumMember', 'seed property', '3 number', 'trajectory property', 'true enumMember',
      'model property', 'sample enumMember', 'locked property', 'show keyword', '"$face" variable', 'beside property', "'clip.mp4' string",
    ]);
  });

  it('actions have lenses; what is locked can be replayed', () => {
    assert.deepEqual(lenses(recipe).map(({ does, action, at }) => [does, action, text.slice(at.start, at.end)]), [['run', 0, 'restore'], ['replay', 0, 'restore'], ['run', 1, 'show']]);
  });

  it('the outline has actions and keys, each inside of its own', () => {
    const entries = outline(recipe);
    assert.deepEqual(entries.map(({ name, detail, keys }) => [name, detail, keys.length]), [['restore', 'portrait.png', 6], ['show', '"$face"', 1]]);
    for (const { at, title, keys } of entries) for (const inner of [title, ...keys.map((key) => key.at)]) assert.ok(inner.start >= at.start && inner.end <= at.end);
  });

  it('actions stand on lines, from their dash to their last key or a comment beside it', () => {
    for (const [written, expected] of [
      ['# a\nrestore: a\n\n# x\nseed: 3\n\n', ['2-5']], ['- restore: a\n  # eta: 1\n\n# the next\n- show: b\n  frame: 2\n\n  # no\n\n', ['1-2', '5-8']], ['-\n  restore: a\n- # c\n  show: |\n    b\n# z\n', ['1-2', '3-5']],
      ['[{restore: a}, {show: b,\n frame: 3}]\n', ['1-1', '1-2']],
    ] as const) assert.deepEqual(actionLines(parseRecipe(written)).map(({ first, last }) => `${first}-${last}`), expected, written);
  });

  it('a name is found where it is given and used', () => {
    assert.deepEqual(namePlaces(recipe).map(({ role, at }) => [role, text.slice(at.start, at.end)]), [['given', 'face'], ['used', 'face']]);
    assert.equal(namePlaceAt(recipe, text.indexOf('$face'))?.name, 'face');
    assert.deepEqual(givenNames(recipe), [{ name: 'face', kind: 'restore', about: 'portrait.png' }]);
  });
});
