import { strict as assert } from 'node:assert';
import { copyFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeInWorkbench } from './describeInWorkbench.ts';
import { EditorPage } from './editorPage.ts';
import { root } from './vsix.ts';

describeInWorkbench('a kernel that does not start', { files: { 'portrait.png': join(root, 'samples', 'portrait.png') }, settings: { 'difface.steps': 2 } }, (here) => {
  const kernel = (): string => join(here.server.extensionFolder, 'dist', 'kernel.cjs');

  it('is told in one message, in the status bar and on the page', async () => {
    await copyFile(kernel(), `${kernel()}.whole`);
    await writeFile(kernel(), "throw new Error('no such thing');");
    await here.workbench.contextMenu(['portrait.png'], 'Open With DifFace');
    await here.workbench.waitForToast(/kernel, the process that does the work, did not start; the log says why/);
    await here.workbench.waitForStatusBarItem(/kernel, the process that does the work, did not start.*Click to try again/);
    const { frame } = new EditorPage(here.workbench);
    await frame.getByRole('alert').filter({ hasText: 'did not start; the log says why.' }).waitFor();
    await here.workbench.page.waitForTimeout(2000);
    assert.equal(here.workbench.toasts.all.length, 1, here.workbench.toasts.all.join(' | '));
  });

  it('is started again from that message, and works then', async () => {
    await rename(`${kernel()}.whole`, kernel());
    await here.workbench.page.getByRole('button', { name: 'Restart' }).click();
    await here.workbench.waitForStatusBarItem(/DifFace is ready/);
    await here.workbench.contextMenu(['portrait.png'], 'Restore Faces');
    await here.workbench.waitForToast(/2 faces restored/);
  });
});
