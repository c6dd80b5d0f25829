import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeInWorkbench } from './describeInWorkbench.ts';
import { root } from './vsix.ts';

describeInWorkbench('the installed extension', { files: { 'portrait.png': join(root, 'samples', 'portrait.png') } }, (here) => {
  it('starts a kernel that answers, and says so in the status bar', async () => {
    await here.workbench.runCommand('DifFace: Start the Kernel');
    const item = await here.workbench.waitForStatusBarItem(/DifFace is ready/);
    assert.match(item.label, /version \d+\.\d+\.\d+, model \w+/);
    assert.deepEqual(item.icons, ['check']);
  });

  it('has everything with it that a restoration needs', async () => {
    const { extensionFolder, workspace } = here.server;
    const environment = { ...process.env, DIFFACE_CACHE: join(workspace, '.cache'), DIFFACE_WEIGHTS: join(workspace, '.weights') };
    await promisify(execFile)(process.execPath, [join(extensionFolder, 'dist', 'cli.cjs'), 'restore', '--steps', '2', '--device', 'cpu', 'portrait.png'], { cwd: workspace, env: environment });
    await here.workbench.explorerItem('portrait.restored.png').waitFor();
  });

  it('asks nobody beyond this machine', async () => {
    assert.deepEqual(here.workbench.requestsOutside, []);
    const { outside, watched } = await here.server.connections();
    assert.ok(watched.some((process) => process.includes('kernel.cjs')), 'the kernel was not watched');
    assert.deepEqual(outside, []);
  });

  it('notifies about nothing', () => {
    assert.deepEqual(here.workbench.toasts.all, []);
  });
});
