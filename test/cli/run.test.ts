import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { outcomeWords } from '../../kernel/cli/outcomeWords.ts';
import { readLockfile } from '../../kernel/pipeline/lockNames.ts';
import type { ActionOutcome } from '../../kernel/recipe/outcome.ts';
import { assertClear, difface, filesBelow, inFolder, root } from './command.ts';

/** A recipe beside the sample portrait. */
function withRecipe(text: string, use: (recipe: string, folder: string) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    await copyFile(join(root, 'samples', 'portrait.png'), join(folder, 'portrait.png'));
    await writeFile(join(folder, 'a.difface'), text);
    await use(join(folder, 'a.difface'), folder);
  });
}

/** A picture whose header alone is whole. */
async function cutPicture(): Promise<Buffer> {
  return (await readFile(join(root, 'samples', 'portrait.png'))).subarray(0, 5000);
}

describe('difface run', () => {
  const steps = `- restore: portrait.png\n  model: identity\n  output: made\n  as: made\n- show: nothing.png\n- show: $made\n`;

  it('runs one action after those whose results it uses, and says what came of them', () => withRecipe(steps, async (recipe, folder) => {
    const { code, stdout, stderr } = await difface(['run', recipe, '--line', '6']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^made\/portrait\.restored\.png: 800 x 600 px, beside portrait\.png$/m);
    assert.match(stdout, /^portrait\.png {2}made\/portrait\.restored\.png {6}2 /m);
    assert.ok(stdout.includes(`  ${join(folder, 'made', 'portrait.restored.png')}\n`));
    assert.deepEqual(await filesBelow(join(folder, 'made')), ['portrait.restored.difface', 'portrait.restored.png']);
  }));

  it('ends with 1 where one of several files could not be restored, and reads a file that begins with a byte order mark', () => withRecipe('\uFEFFrestore: [portrait.png, broken.png]\nmodel: identity\noutput: made\n', async (recipe, folder) => {
    await writeFile(join(folder, 'broken.png'), await cutPicture());
    const { code, stdout } = await difface(['run', recipe]);
    assert.equal(code, 1);
    assert.match(stdout, /broken\.png +failed/);
    assert.deepEqual(await filesBelow(join(folder, 'made')), ['portrait.restored.difface', 'portrait.restored.png']);
  }));

  it('names the place of what turns out wrong on the way', () => withRecipe('- show: portrait.png\n- measure: portrait.png\n  detector: builtin\n  faces: [7]\n', async (recipe) => {
    const { code, stderr } = await difface(['run', recipe, '--action', '2']);
    assert.equal(code, 2);
    assert.ok(stderr.includes(`${recipe}:4:3: ${join(recipe, '..', 'portrait.png')} has faces 1 to 2, and none with the number 7`), stderr);
  }));

  it('prints what was done before a failure as JSON', () => withRecipe(steps, async (recipe, folder) => {
    await writeFile(join(folder, 'nothing.png'), await cutPicture());
    const { code, stdout, stderr } = await difface(['run', recipe, '--json']);
    assert.equal(code, 1);
    assertClear(stderr, `${recipe}:5:3: `, /nothing\.png is damaged and cannot be decoded/);
    const { outcomes, failure } = JSON.parse(stdout) as { outcomes: readonly ActionOutcome[]; failure: { kind: string } };
    assert.deepEqual([outcomes.map(({ kind }) => kind), failure.kind], [['restore'], 'input']);
  }));

  it('tells every problem with its place, and runs nothing', () => withRecipe('- restore: portrait.png\n  sede: 3\n- show: $gone\n', async (recipe, folder) => {
    const { code, stdout, stderr } = await difface(['run', recipe]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.deepEqual(stderr.trim().split('\n').map((line) => line.slice(recipe.length, recipe.length + 6)), [':2:3: ', ':3:9: ']);
    assert.deepEqual(await filesBelow(folder), ['a.difface', 'portrait.png']);
  }));

  it('says what is measured meanwhile, and in which faces it was', () => withRecipe('measure: portrait.png\nmetrics: [sharpness]\n', async (recipe) => {
    const { code, stdout, stderr } = await difface(['run', recipe]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^measure: portrait\.png: measuring portrait\.png$/m);
    assert.match(stdout, /^Measured in faces 1 and 2, crops of 256 px, of portrait\.png$/m);
  }));

  it('twice at once leaves whole results, each with a lockfile of its own', () => withRecipe('restore: portrait.png\nmodel: identity\noutput: made\n', async (recipe, folder) => {
    const runs = await Promise.all([difface(['run', recipe]), difface(['run', recipe])]);
    assert.deepEqual(runs.map(({ code }) => code), [0, 0], runs.map(({ stderr }) => stderr).join());
    const files = await filesBelow(join(folder, 'made'));
    const results = files.filter((name) => name.endsWith('.png'));
    assert.deepEqual(files, results.flatMap((name) => [name.replace('.png', '.difface'), name]));
    for (const name of results) {
      const { locked: { result } } = (await readLockfile(join(folder, 'made', name.replace('.png', '.difface'))))!;
      assert.deepEqual([result.file, result.sha256], [name, createHash('sha256').update(await readFile(join(folder, 'made', name))).digest('hex')]);
    }
  }));

  it('tells what every action would refuse, and runs none', () => withRecipe([
    '- restore: portrait.png', '  model: identity', '  output: made', '  as: made', '- trajectory: $made', '- restore: gone.png', '  output: a.difface', '- compare: portrait.png', '  model: sample', '  start: [4, 900]', '  device: dml:7',
    '- show: portrait.png', '  frame: 2', '- restore: portrait.png', '  model: difface', '  trajectory: true', '',
  ].join('\n'), async (recipe, folder) => {
    const { code, stdout, stderr } = await difface(['run', recipe], { env: { DIFFACE_WEIGHTS: join(folder, 'weights') } });
    assert.deepEqual([code, stdout], [2, '']);
    const told = stderr.trim().split('\n').map((line) => line.slice(recipe.length + 1));
    assert.deepEqual(told.map((line) => /^\d+:\d+/.exec(line)?.[0]), ['5:3', '6:12', '7:11', '10:3', '11:11', '13:3', '15:10'], stderr);
    assert.match(told.at(-1)!, /not installed; 'difface weights install difface' installs them/);
    assert.deepEqual(await filesBelow(folder), ['a.difface', 'portrait.png']);
  }));

  it('begins nothing where a later action compares files of two sizes, or names what cannot be read', () => withRecipe('- restore: portrait.png\n  model: identity\n  upscale: 2\n  as: it\n- measure: $it\n  against: portrait.png\n- show: broken.png\n', async (recipe, folder) => {
    await writeFile(join(folder, 'broken.png'), 'no picture');
    const { code, stderr } = await difface(['run', recipe]);
    assert.equal(code, 2);
    const told = stderr.trim().split('\n').map((line) => line.slice(recipe.length).replaceAll(`${folder}/`, ''));
    assert.match(told[0]!, /^:6:3: portrait\.restored\.png has 1600 x 1200 px and the reference portrait\.png 800 x 600 px: only files of one size are compared$/);
    assert.match(told[1]!, /^:7:9: broken\.png is no picture that can be read/);
    assert.deepEqual([told.length, await filesBelow(folder)], [2, ['a.difface', 'broken.png', 'portrait.png']]);
  }));

  it('begins nothing where a later action names what is no picture, or what no earlier one makes', () => withRecipe('- restore: portrait.png\n- measure: notes.txt\n- show: xyz.restored.png\n- show: portrait.restored.png\n', async (recipe, folder) => {
    await writeFile(join(folder, 'notes.txt'), 'words');
    const { code, stdout, stderr } = await difface(['run', recipe]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.deepEqual(stderr.trim().split('\n').map((line) => line.slice(recipe.length).replace(/\S*\/notes/, 'notes').slice(0, 40)), [':2:12: notes.txt is no picture that can ', ':3:9: xyz.restored.png does not exist']);
    assert.deepEqual(await filesBelow(folder), ['a.difface', 'notes.txt', 'portrait.png']);
  }));

  it('shows no seed where no noise was drawn', () => withRecipe('- restore: portrait.png\n  model: sample\n  backboneOnly: true\n  seed: 77\n- restore: portrait.png\n  model: sample\n  steps: 1\n  start: 2\n  seed: 77\n', async (recipe) => {
    const { code, stdout, stderr } = await difface(['run', recipe, '--json']);
    assert.equal(code, 0, stderr);
    const { outcomes } = JSON.parse(stdout) as { outcomes: readonly ActionOutcome[] };
    const seeds = outcomes.map(({ shown }) => shown.flatMap((one) => (one.kind === 'table' ? one.rows.map((row) => row.at(-1)) : [])));
    assert.deepEqual(seeds, [[null], [77]]);
  }));

  it('with one action checks that and those whose results it uses alone', () => withRecipe('- restore: portrait.png\n  model: identity\n  output: a.difface\n  as: made\n- show: $made\n- show: portrait.png\n', async (recipe) => {
    assert.equal((await difface(['run', recipe, '--action', '3'])).code, 0);
    const { code, stderr } = await difface(['run', recipe, '--action', '2']);
    assert.equal(code, 2);
    assertClear(stderr, `${recipe}:3:11: 'output': a.difface is a file; give a folder`);
  }));

  for (const [what, text] of [['empty', ''], ['of comments alone', '# nothing yet\n\n']] as const) {
    it(`says that a recipe is ${what}`, () => withRecipe(text, async (recipe) => {
      const { code, stderr } = await difface(['run', recipe]);
      assert.equal(code, 2);
      assertClear(stderr, `${recipe}: there is no action in it`);
    }));
  }

  it('ends without a word where nobody reads what it prints', () => withRecipe('- show: portrait.png\n'.repeat(3), async (recipe) => {
    const { stderr } = await difface(['run', recipe, '--json'], { onStart: (child) => { child.stdout!.destroy(); } });
    assert.equal(stderr.replaceAll(/^.*show: .*$/gm, '').trim(), '');
  }));

  for (const [name, args, code, said] of [
    ['an action that is not there', ['--action', '9'], 2, /has the actions 1 to 3, and none with the number 9/],
    ['a line behind the end', ['--line', '99'], 2, /has 6 lines and 3 actions, and no action stands at line 99: the nearest stands at line 6$/m],
    ['an action and a line', ['--action', '1', '--line', '1'], 2, /cannot be used with/],
    ['a device that nobody knows', ['--action', '1', '--device', 'gpu'], 2, /no device 'gpu'/],
  ] as const) {
    it(`refuses ${name}`, () => withRecipe(steps, async (recipe, folder) => {
      const outcome = await difface(['run', recipe, ...args]);
      assert.equal(outcome.code, code, outcome.stderr);
      assert.match(outcome.stderr, said);
      assert.deepEqual(await filesBelow(folder), ['a.difface', 'portrait.png']);
    }));
  }

  it('refuses a line on which several actions stand', () => withRecipe('[{show: portrait.png}, {show: portrait.png}]\n', async (recipe) => {
    const { code, stderr } = await difface(['run', recipe, '--line', '1']);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /at line 1 of .*a\.difface stand the actions 1, 2: say which with --action$/m);
  }));

  it('says what it does, to which file, whatever folder that is in', () => withRecipe('restore: ./portrait.png\nmodel: identity\noutput: made\n', async (recipe) => {
    assert.match((await difface(['run', recipe])).stderr, /^restore: \.\/portrait\.png: looking for faces$/m);
  }));

  it('says that a recipe is UTF-16, whichever byte comes first, with a byte order mark and without', () => withRecipe('', async (recipe) => {
    const little = Buffer.from('restore: portrait.png\n', 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const bytes of [little, big, Buffer.concat([Buffer.from([0xff, 0xfe]), little]), Buffer.concat([Buffer.from([0xfe, 0xff]), big])]) {
      await writeFile(recipe, bytes);
      const { code, stderr } = await difface(['run', recipe]);
      assert.equal(code, 2);
      assertClear(stderr, `${recipe} is UTF-16, and recipes are UTF-8: save it as UTF-8`);
    }
  }));

  it('keeps names of files with line breaks in their lines and rows', () => {
    const text = outcomeWords({
      kind: 'restore', links: [{ title: 'result', path: 'made/a\nb.png' }], notes: ['a\nb.png has no faces'],
      shown: [
        { kind: 'table', title: 'Restored a\nb.png', columns: [{ title: 'File' }, { title: 'Faces' }], rows: [['a\nb.png', 2], ['c.png', 1]], text: 'Restored a\nb.png\nFile     Faces\na\nb.png      2\nc.png        1' },
        { kind: 'picture', title: 'a\nb.png', after: { mime: 'image/png', data: '', width: 1, height: 1 }, text: 'a\nb.png: 1 x 1 px, beside c\nd.png' },
      ],
    }, root);
    assert.equal(text, `Restored a⏎b.png\nFile     Faces\na⏎b.png      2\nc.png        1\na⏎b.png: 1 x 1 px, beside c⏎d.png\n  ${join(root, 'made', 'a⏎b.png')}\n  a⏎b.png has no faces\n`);
  });

  it('says that a recipe cannot be read', async () => {
    const { code, stderr } = await difface(['run', join(root, 'nothing.difface')]);
    assert.equal(code, 1);
    assertClear(stderr, /nothing\.difface cannot be read: it does not exist\n/);
    assertClear((await difface(['run', root])).stderr, /cannot be read: it is a folder\n/);
  });
});
