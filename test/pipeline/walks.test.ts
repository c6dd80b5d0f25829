import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { KernelFailure } from '../../kernel/failure.ts';
import { EnginePool } from '../../kernel/pipeline/enginePool.ts';
import { planOf } from '../../kernel/pipeline/plan.ts';
import { keepEverything, withWalk } from '../../kernel/pipeline/walks.ts';
import { LostState } from '../../kernel/trajectory/lostState.ts';
import { inFolder } from '../cli/command.ts';

const never = new AbortController().signal;

/** How often something that fails is done with a walk. */
async function uses(error: Error): Promise<number> {
  let count = 0;
  await inFolder(async (cache) => {
    const previous = process.env['DIFFACE_CACHE'];
    process.env['DIFFACE_CACHE'] = cache;
    const engines = new EnginePool();
    try {
      const asked = await planOf({ model: 'sample', sampler: 'ddim', start: 2, steps: 2, seed: 3 });
      await engines.use({ model: asked.model, device: 'cpu', precision: 'float32' }, async (engine, numbers) => {
        const face = { crop: { data: new Float32Array(3 * 128 * 128).fill(0.5), shape: [1, 3, 128, 128] }, track: 0 };
        await assert.rejects(withWalk(face, { ...asked, ...numbers }, [], keepEverything, { engine, signal: never, onStep: () => undefined }, () => {
          count++;
          return Promise.reject(error);
        }), error);
      });
    } finally {
      engines.dispose();
      process.env['DIFFACE_CACHE'] = previous ?? '';
      if (previous === undefined) delete process.env['DIFFACE_CACHE'];
    }
  });
  return count;
}

describe('what is done with a walk', function () {
  this.timeout(60_000);

  it('is done once more when a state was lost, but not for a failure that has nothing to do with the states', async () => {
    assert.equal(await uses(new LostState()), 2);
    assert.equal(await uses(new KernelFailure('input', 'the parameters cannot be read')), 1);
  });
});
