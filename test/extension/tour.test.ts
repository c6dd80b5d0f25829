import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { parseRecipe } from '../../kernel/recipe/parse.ts';
import { complaintsOf, readNotebook } from '../e2e/nbformat.ts';
import { root } from '../cli/command.ts';

const tour = join(root, 'samples', 'tour.ipynb');

describe('the tour', () => {
  it('is a notebook as Jupyter publishes the format, and small', async () => {
    assert.deepEqual(await complaintsOf(await readNotebook(tour)), []);
    assert.ok((await readFile(tour)).length < 3 * 2 ** 20);
  });

  it('has recipes without a mistake, each of which knows the names of those before it', async () => {
    const names: string[] = [];
    for (const { cell_type: type, source } of (await readNotebook(tour)).cells) {
      if (type !== 'code') continue;
      const { actions, problems } = parseRecipe([source].flat().join(''), names);
      assert.deepEqual(problems, []);
      for (const { action } of actions) if (action && 'as' in action.value) names.push(action.value.as);
    }
    assert.deepEqual(names, ['portrait', 'shared', 'independent']);
  });

  it('tells nothing of the machine it was made on', async () => {
    const text = await readFile(tour, 'utf8');
    assert.doesNotMatch(text, /\/(home|root|tmp|Users|work)\//);
  });
});
