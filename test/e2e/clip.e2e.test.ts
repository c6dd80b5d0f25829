import { strict as assert } from 'node:assert';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeInWorkbench } from './describeInWorkbench.ts';
import { EditorPage } from './editorPage.ts';
import { kernelOf } from './kernelProcess.ts';
import { root } from './vsix.ts';
import { probeClip } from '../../kernel/media/probe.ts';

describeInWorkbench('the clip editor', { files: { 'clip.mp4': join(root, 'samples', 'clip.mp4'), 'broken.mp4': join(root, 'package.json') }, settings: { 'difface.steps': 2 } }, (here) => {
  let page: EditorPage;
  const written = (): string[] => readdirSync(here.server.workspace).filter((name) => name.includes('.restored') || name.includes('.part')).sort();

  it('opens a clip with its frames, its faces as lanes, and small pictures', async () => {
    page = await EditorPage.open(here.workbench, 'clip.mp4');
    await page.frame.locator('.lane-head').nth(1).waitFor();
    assert.deepEqual(await page.frame.locator('.lane-head').allTextContents().then((all) => all.map((text) => text.trim())), ['Face 1', 'Face 2']);
    await page.frame.locator('.lanes image').nth(9).waitFor();
    assert.match(await page.frame.locator('.transport').textContent() ?? '', /0:00\.000\s+frame 1 \/ 60/);
  });

  it('steps by single frames, by ten, and to both ends', async () => {
    for (const [key, frame] of [['ArrowRight', 1], ['ArrowRight', 2], ['Shift+ArrowRight', 12], ['ArrowLeft', 11], ['End', 59], ['Home', 0]] as const) {
      await page.press(key);
      await page.waitForPosition(frame);
    }
    await page.press('Shift+ArrowRight');
    assert.match(await page.frame.locator('.transport .time').textContent() ?? '', /0:00\.667/);
  });

  it('plays in time, and stops', async () => {
    await page.press('Home');
    const began = performance.now();
    await page.press('Space');
    await page.frame.getByRole('button', { name: /Pause/ }).waitFor();
    await here.workbench.page.waitForTimeout(2000);
    await page.press('k');
    const seconds = (performance.now() - began) / 1000;
    const frame = await page.position();
    assert.ok(frame > 10 && frame <= Math.ceil(seconds * 15) + 1, `frame ${frame} after ${seconds.toFixed(1)} s`);
    await here.workbench.page.waitForTimeout(300);
    assert.equal(await page.position(), frame);
  });

  it('restores a part that is marked, in place and without a file', async () => {
    await page.press('Home');
    await page.press('Shift+ArrowRight');
    await page.waitForPosition(10);
    await page.press('i');
    for (let i = 0; i < 3; i++) await page.press('ArrowRight');
    await page.waitForPosition(13);
    await page.press('o');
    await page.restore();
    assert.match(await page.waitForStatus(/restored in/), /2 faces in 4 frames restored/);
    assert.equal(await page.frame.locator('.lanes .restored').count(), 2);
    assert.deepEqual(written(), []);
  });

  it('cancels in the middle, keeps what is done, and goes on afterwards', async () => {
    await page.frame.getByRole('button', { name: 'Restore all of the clip again' }).click();
    await page.press('Home');
    await page.waitForPosition(0);
    await page.press('Enter');
    await page.waitForStatus(/frame 2\d of 60/);
    assert.ok(await page.position() > 10, 'the playhead goes with the frames that are restored');
    await page.press('Escape');
    await page.frame.locator('vscode-button', { hasText: 'Restore' }).waitFor();
    assert.deepEqual(written(), []);
  });

  it('goes on after its kernel was killed, without restoring finished frames again', async () => {
    await page.restore();
    await page.waitForStatus(/frame 3\d of 60/);
    const killed = kernelOf(here.server.workspace);
    process.kill(killed, 'SIGKILL');
    await here.workbench.waitForToast(/kernel ended unexpectedly\. It is being started again/);
    const next = await page.waitForStatus(/Restoring frame \d+ of 60/);
    const first = Number(/frame (\d+) of/.exec(next)![1]);
    assert.ok(first >= 29, `it began again at frame ${first}`);
    assert.match(await page.waitForStatus(/restored in/), /2 faces in 60 frames restored/);
    assert.notEqual(kernelOf(here.server.workspace), killed);
  });

  it('leaves a face out of what is restored at once, and exports frame for frame', async () => {
    await page.frame.locator('.lane-head').first().click();
    await page.frame.locator('.lane-head.out').waitFor();
    await page.button('Export').click();
    assert.match(await page.waitForStatus(/Written to/), /clip\.restored\.mp4/);
    const [source, result] = await Promise.all([join(root, 'samples', 'clip.mp4'), join(here.server.workspace, 'clip.restored.mp4')].map(probeClip));
    assert.deepEqual(result!.timestamps.map((ticks) => (ticks * result!.timeBase.numerator) / result!.timeBase.denominator), source!.timestamps.map((ticks) => (ticks * source!.timeBase.numerator) / source!.timeBase.denominator));
    assert.equal(result!.audioStreams, 1);
  });

  it('says what is wrong with a file that is no clip', async () => {
    await here.workbench.contextMenu(['broken.mp4'], 'Open With DifFace');
    const alert = page.frame.getByRole('alert');
    await alert.waitFor();
    assert.match(await alert.textContent() ?? '', /broken\.mp4 is no clip that can be read/);
  });

  it('may be closed while its questions are still to be answered', async () => {
    const { workbench, server } = here;
    await workbench.runCommand('View: Close All Editors');
    page = await EditorPage.open(workbench, 'clip.mp4');
    await page.frame.locator('.lane-head').nth(1).waitFor();
    const kernel = kernelOf(server.workspace);
    process.kill(kernel, 'SIGSTOP');
    try {
      await page.press('End');
      await workbench.page.waitForTimeout(500); // the page has asked for the last frames
      await workbench.activeTab('clip.mp4').locator('.codicon-close').click();
      await workbench.activeTab('clip.mp4').waitFor({ state: 'detached' });
    } finally {
      process.kill(kernel, 'SIGCONT');
    }
    await workbench.page.waitForTimeout(1500); // for the answers
    assert.deepEqual(workbench.consoleErrors.filter((line) => /disposed|difface/i.test(line)), []);
  });

  it('breaks no rule of its page', () => {
    assert.deepEqual(here.workbench.consoleErrors.filter((line) => /Content Security|difface/i.test(line)), []);
  });
});
