import { strict as assert } from 'node:assert';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { createHandlers } from '../../kernel/handlers.ts';
import type { NamedResult, PlannedRun } from '../../kernel/protocol.ts';
import { filesBelow, inFolder, root } from '../cli/command.ts';

const never = new AbortController().signal;

describe('a recipe that the editor is going to run', () => {
  const planned = (text: string, names: readonly NamedResult[] = [], action?: number, above: readonly string[] = []): Promise<PlannedRun> => new Promise((resolve, reject) => {
    inFolder(async (folder) => {
      await copyFile(join(root, 'samples', 'portrait.png'), join(folder, 'portrait.png'));
      const { handlers, dispose } = createHandlers({ progress: () => undefined, device: () => undefined, weights: () => undefined }, {});
      try {
        resolve(await handlers.planRun({ text, folder, names, above, ...(action === undefined ? {} : { action }) }, never));
        assert.deepEqual(await filesBelow(folder), ['portrait.png']);
      } finally {
        dispose();
      }
    }).catch(reject);
  });
  const recipe = '- restore: portrait.png\n  as: one\n- restore: gone.png\n- trajectory: $one\n  start: 900\n- show: $one\n';

  it('is told with all that keeps it from that', async () => {
    const { problems, chosen, actions } = await planned(recipe);
    assert.deepEqual(problems.map(({ line, column }) => [line, column]), [[2, 11], [4, 2]]);
    assert.match(problems[0]!.message, /gone\.png does not exist/);
    assert.deepEqual([chosen.length, actions.length], [4, 4]);
  });

  it('with the frames that a clip does not have', async () => {
    const clip = JSON.stringify(join(root, 'samples', 'clip.mp4'));
    const { problems } = await planned(`- show: ${clip}\n  frame: 60\n- show: ${clip}\n  frame: 61\n- trajectory: ${clip}\n  frame: 99\n`);
    assert.deepEqual(problems.map(({ line, column, message }) => [line, column, message.slice(message.indexOf('has'))]), [[3, 2, 'has the frames 1 to 60, and none with the number 61'], [5, 2, 'has the frames 1 to 60, and none with the number 99']]);
  });

  it('or one action of it, after those whose results it uses', async () => {
    const last = await planned(recipe, [], 3);
    assert.deepEqual([last.problems, last.chosen.map(({ action }) => action)], [[], [0, 3]]);
    const walk = await planned(recipe, [], 2);
    assert.deepEqual([walk.problems.length, walk.chosen.map(({ action }) => action)], [1, [0, 2]]);
    assert.deepEqual(last.chosen[0], walk.chosen[0], 'the same text makes the same result');
    assert.deepEqual((await planned('- show: [\n', [], 0)).chosen, [], 'nothing of what cannot be read');
  });

  it('or a cell that uses what cells above have made', async () => {
    const made = (from: string, model: string): readonly NamedResult[] => [{ name: 'one', path: join(root, 'samples', 'portrait.png'), restored: { from, options: { model } } }];
    const walk = 'trajectory: $one\n';
    assert.deepEqual((await planned(walk, made(join(root, 'samples', 'portrait.png'), 'sample'))).problems, []);
    assert.match((await planned(walk, made(join(root, 'samples', 'portrait.png'), 'identity'))).problems[0]!.message, /restored without a walk/);
    assert.match((await planned(walk, made('/gone.png', 'sample'))).problems[0]!.message, /gone\.png, which is not there any more/);
    assert.match((await planned(walk)).problems[0]!.message, /nothing before this is named 'one'/);
  });

  it('or a cell that uses what a cell above makes, which has not run', async () => {
    const above = ['restore: portrait.png\nas: first\n', '- restore: portrait.png\n  as: one\n- show: [\n', '# none'];
    const messages = async (text: string, names: readonly NamedResult[] = []): Promise<readonly string[]> => (await planned(text, names, undefined, above)).problems.map(({ message }) => message);
    assert.deepEqual(await messages('show: $one\n'), ["nothing is named $one yet: run the cell that says 'as: one' first"]);
    assert.deepEqual(await messages('show: $one\n', [{ name: 'one', path: join(root, 'samples', 'portrait.png') }]), [], 'it has run');
    assert.deepEqual(await messages('- restore: portrait.png\n  as: one\n- show: $one\n'), [], 'it is made here');
    assert.match((await messages('show: $two\n')).join(), /nothing before this is named 'two'/);
  });
});
