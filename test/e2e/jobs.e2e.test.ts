import { strict as assert } from 'node:assert';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeInWorkbench } from './describeInWorkbench.ts';
import { EditorPage } from './editorPage.ts';
import { root } from './vsix.ts';

const portrait = join(root, 'samples', 'portrait.png');
const clip = join(root, 'samples', 'clip.mp4');

describeInWorkbench('work on files', { files: { 'portrait.png': portrait, 'long.mp4': clip, 'going.mp4': clip }, settings: { 'difface.steps': 50 } }, (here) => {
  it('is cancelled in the queue while it waits, which is no failure', async () => {
    const page = await EditorPage.open(here.workbench, 'portrait.png');
    await page.faceFrames.nth(1).waitFor();
    await here.workbench.contextMenu(['long.mp4'], 'Restore Faces');
    await here.workbench.waitForToast(/long\.mp4: Restoring frame/, 60_000);
    await page.press('Enter');
    await page.waitForStatus(/Waiting for other work/);
    await here.workbench.runCommand('DifFace: Show Queue');
    await here.workbench.pick('Restoring portrait.png', { filter: '' });
    await page.waitForStatus(/Cancelled/);
    const toast = here.workbench.page.locator('.notification-list-item', { hasText: 'long.mp4' });
    await toast.hover();
    await toast.getByRole('button', { name: 'Cancel' }).click();
    await here.workbench.waitForStatusBarItem(/DifFace is ready/);
    assert.deepEqual(here.workbench.toasts.all.filter((text) => /abort|fail/i.test(text)), []);
  });

  it('ends when its file is deleted', async () => {
    const page = await EditorPage.open(here.workbench, 'going.mp4');
    await page.press('Enter');
    await page.waitForStatus(/Restoring frame/);
    rmSync(join(here.server.workspace, 'going.mp4'));
    await page.frame.getByRole('alert').filter({ hasText: 'going.mp4 was deleted or moved' }).waitFor();
    await here.workbench.waitForStatusBarItem(/DifFace is ready/, 15_000);
    assert.deepEqual(readdirSync(here.server.workspace).filter((name) => name.endsWith('.mp4')), ['long.mp4']);
  });

  it('does not fail with DDPM for a number of steps in the settings', async () => {
    const page = await EditorPage.open(here.workbench, 'portrait.png');
    await page.button('More').click();
    const sampler = page.frame.locator('vscode-single-select[label="Sampler"]');
    await sampler.click();
    await sampler.getByRole('option', { name: 'DDPM', exact: true }).click();
    await page.press('Enter');
    await page.waitForStatus(/step \d+ of \d+/);
    await page.press('Escape');
    await page.waitForStatus(/Cancelled/);
  });
});
