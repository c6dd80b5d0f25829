import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { Test } from 'mocha';
import { runInHost } from './extensionHost/runInHost.ts';
import { requireHost } from './requirements.ts';
import { root, vsix } from './vsix.ts';

describe('inside the extension host', () => {
  let ended = false;

  before('run the tests of extensionHost/', async function () {
    this.timeout(900_000);
    requireHost(this);
    const results = await runInHost({ vsix: await vsix(), files: { 'portrait.png': join(root, 'samples', 'portrait.png'), 'clip.mp4': join(root, 'samples', 'clip.mp4') } });
    ended = results.some(({ state }) => state === 'ended');
    // Each becomes a test of this suite: mocha looks at its list only after this hook.
    for (const result of results) {
      if (result.state === 'ended') continue;
      this.test!.parent!.addTest(new Test(result.title.join(' › '), result.state === 'skipped' ? undefined : () => {
        if (result.state === 'failed') throw new Error(result.error);
      }));
    }
  });

  it('all of them ran', () => {
    assert.ok(ended, 'the extension host ended before its tests did');
  });
});
