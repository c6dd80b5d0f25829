import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { recipeDocs } from '../../.config/build/recipeDocs.ts';
import { root } from '../cli/command.ts';

describe('docs/recipes.md', () => {
  it('says what the keys are declared to be', async () => {
    const written = await readFile(join(root, 'docs', 'recipes.md'), 'utf8');
    assert.ok(written === recipeDocs(), 'docs/recipes.md is out of date: npm run docs:recipes');
  });

  it('tells keys of one type apart', () => {
    const docs = recipeDocs();
    for (const [key, meaning] of [['model', 'What restores'], ['codec', 'Video codec'], ['aligned', 'The picture is one aligned face crop'], ['matchColours', 'Restored faces get the colours']] as const) {
      assert.match(docs, new RegExp(`\\| \`${key}\` \\|[^|]*\\|[^|]*\\| ${meaning}`));
    }
  });
});
