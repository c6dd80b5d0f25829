import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { KernelFailure } from '../../kernel/failure.ts';
import { packageFolder } from '../../kernel/packageFolder.ts';
import { modelSummaries, modelSummary } from '../../kernel/weights/catalog.ts';

describe('the summary of a model', () => {
  it('is found by the folder it lies in, and bears that name', async () => {
    const folder = join(packageFolder(), 'samples', 'model');
    const sample = (await modelSummaries()).find(({ name }) => name === 'sample');
    assert.deepEqual(await modelSummary(folder), { ...sample, name: folder });
  });

  it('is refused for a folder without a model', async () => {
    await assert.rejects(modelSummary(packageFolder()), (error) => error instanceof KernelFailure && error.kind === 'weights');
  });
});
