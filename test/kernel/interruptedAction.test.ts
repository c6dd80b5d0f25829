import { strict as assert } from 'node:assert';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { createHandlers } from '../../kernel/handlers.ts';
import type { RestoreProgress } from '../../kernel/protocol.ts';
import { filesBelow, inFolder, root } from '../cli/command.ts';

describe('an action that is interrupted', () => {
  for (const [what, recipe, stage] of [
    ['a restoration', 'restore: portrait.png\nsampler: ddim\nstart: 200\nsteps: 200\n', 'restoring'],
    ['a walk', 'trajectory: portrait.png\nsampler: ddim\nstart: 200\nsteps: 200\n', 'walking'],
    ['a comparison', 'compare: portrait.png\nsampler: ddim\nstart: 200\nsteps: 200\nseed: [1, 2]\n', 'walking'],
  ] as const) {
    it(`ends ${what} within one step of the diffusion, and leaves nothing behind`, () => inFolder(async (folder) => {
      await copyFile(join(root, 'samples', 'portrait.png'), join(folder, 'portrait.png'));
      const controller = new AbortController();
      const after: (RestoreProgress & { readonly step: number })[] = [];
      const kernel = createHandlers({
        progress({ progress }) {
          if (!('step' in progress)) return;
          assert.equal(progress.stage, stage);
          if (controller.signal.aborted) after.push(progress);
          else if (progress.step >= 5) {
            after.push(progress);
            controller.abort();
          }
        },
        device: () => undefined, weights: () => undefined,
      }, {});
      try {
        await assert.rejects(kernel.handlers.runAction({ text: `${recipe}model: sample\n`, folder, names: [], job: 'one', action: 0, device: 'cpu' }, controller.signal));
        const steps = after.map(({ step }) => step);
        assert.ok(steps.length > 0 && Math.max(...steps) <= steps[0]! + 1, `it was stopped at step ${steps.join(', ')}`);
        assert.deepEqual(await filesBelow(folder), ['portrait.png']);
      } finally {
        kernel.dispose();
      }
    }));
  }
});
