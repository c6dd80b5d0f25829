import { strict as assert } from 'node:assert';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeInWorkbench } from './describeInWorkbench.ts';
import { EditorPage } from './editorPage.ts';
import { root } from './vsix.ts';

const portrait = join(root, 'samples', 'portrait.png');
const clip = join(root, 'samples', 'clip.mp4');

describeInWorkbench('the explorer', { files: { 'one.png': portrait, 'two.png': portrait, 'long.mp4': clip }, settings: { 'difface.steps': 2 } }, (here) => {
  const below = (folder = '.'): string[] => readdirSync(join(here.server.workspace, folder), { recursive: true }).map(String).sort();

  it('restores one picture with a right-click and says where the result is', async () => {
    await here.workbench.contextMenu(['one.png'], 'Restore Faces');
    await here.workbench.waitForToast(/2 faces restored: one\.restored\.png/);
    await here.workbench.explorerItem('one.restored.png').waitFor();
  });

  it('says of one picture that it was restored before, and restores it again where that is asked for', async () => {
    await here.workbench.contextMenu(['one.png'], 'Restore Faces');
    await here.workbench.waitForToast(/one\.png was restored before, in the same way, and one\.restored\.png is unchanged/);
    await here.workbench.page.waitForTimeout(1000);                     // of more than three messages in 800 ms VS Code shows none; nobody clicks so fast
    await here.workbench.page.getByRole('button', { name: 'Restore Again' }).click();
    await here.workbench.waitForToast(/2 faces restored: one\.restored-2\.png/);
  });

  it('restores a folder with broken and odd files in it, and sums up', async () => {
    const folder = join(here.server.workspace, 'album');
    mkdirSync(join(folder, 'deep'), { recursive: true });
    const names = ['a.png', 'b.png', 'c with spaces.png', "d'quote.png", 'e#hash.png', 'f%20percent.png', 'g😀.png', 'h-äöü-名.png', 'deep/i.png', 'deep/j[1].png'];
    for (const name of names) await copyFile(portrait, join(folder, name));
    writeFileSync(join(folder, 'x-empty.png'), '');
    writeFileSync(join(folder, 'y-text.mp4'), 'no clip');
    await here.workbench.explorerItem('album').waitFor();
    await here.workbench.contextMenu(['album'], 'Restore Faces');
    const summary = await here.workbench.waitForToast(/10 restored/, 120_000);
    assert.match(summary, /10 restored, 2 failed \(x-empty\.png, y-text\.mp4\)/);
    assert.deepEqual(below('album').filter((name) => name.includes('.restored') && name.endsWith('.png')), names.map((name) => name.replace('.png', '.restored.png')).sort());
  });

  it('takes what stands there when the folder is restored again, restores what does not, and everything where that is asked for', async () => {
    const results = (): readonly string[] => below('album').filter((name) => name.includes('.restored') && name.endsWith('.png'));
    rmSync(join(here.server.workspace, 'album', 'a.restored.png'));
    await here.workbench.contextMenu(['album'], 'Restore Faces');
    assert.match(await here.workbench.waitForToast(/9 skipped/, 120_000), /1 restored, 9 restored before and unchanged, 9 skipped, 2 failed/);
    assert.equal(results().length, 10);
    await here.workbench.contextMenu(['album'], 'Restore Faces');
    assert.match(await here.workbench.waitForToast(/10 skipped/, 120_000), /: 10 restored before and unchanged, 10 skipped, 2 failed/);
    assert.equal(results().length, 10);
    await here.workbench.page.getByRole('button', { name: 'Restore Again' }).click();
    await here.workbench.waitForToast(/: 10 restored, 10 skipped, 2 failed/, 120_000);
    assert.equal(results().length, 20);
  });

  it('cancels a clip in the middle, leaves nothing behind, and restores the next file', async () => {
    await here.workbench.contextMenu(['long.mp4'], 'Restore Faces');
    await here.workbench.waitForToast(/long\.mp4: Restoring frame \d/, 60_000);
    const toast = here.workbench.page.locator('.notification-list-item', { hasText: 'long.mp4' });
    await toast.hover();
    await toast.getByRole('button', { name: 'Cancel' }).click();
    await here.workbench.waitForStatusBarItem(/DifFace is ready/);
    assert.deepEqual(below().filter((name) => name.includes('long')), ['long.mp4']);
    await here.workbench.contextMenu(['two.png'], 'Restore Faces');
    await here.workbench.waitForToast(/2 faces restored: two\.restored\.png/);
  });

  it('asks for the options of "Restore Faces With..."', async () => {
    await here.workbench.contextMenu(['two.png'], 'Restore Faces With...');
    await here.workbench.pick('Sample model, 128 px, of drawn faces', { filter: '' });
    await here.workbench.pick('Fast', { filter: '' });
    const { keyboard } = here.workbench.page;
    await here.workbench.page.locator('.quick-input-widget', { hasText: 'Strength' }).waitFor();
    await keyboard.type('0.5');
    await keyboard.press('Enter');
    await here.workbench.page.locator('.quick-input-widget', { hasText: 'Seed' }).waitFor();
    await keyboard.press('Enter');
    await here.workbench.page.locator('.quick-input-widget', { hasText: 'Device' }).waitFor();
    await here.workbench.pick('cpu', { filter: '' });
    await here.workbench.waitForToast(/2 faces restored: two\.restored(-2)?\.png/);
  });

  it('asks for sampler and steps where neither quality nor fast will do', async () => {
    await here.workbench.contextMenu(['one.png'], 'Restore Faces With...');
    await here.workbench.pick('Sample model, 128 px, of drawn faces', { filter: '' });
    await here.workbench.pick('Sampler and Steps...', { filter: '' });
    await here.workbench.pick('DPM-Solver++(2M)', { filter: '' });
    const { keyboard } = here.workbench.page;
    await here.workbench.page.locator('.quick-input-widget', { hasText: 'Steps' }).waitFor();
    await keyboard.type('3');
    await keyboard.press('Enter');
    for (const title of ['Strength', 'Seed']) {
      await here.workbench.page.locator('.quick-input-widget', { hasText: title }).waitFor();
      await keyboard.press('Enter');
    }
    await here.workbench.page.locator('.quick-input-widget', { hasText: 'Device' }).waitFor();
    await keyboard.press('Enter');
    await here.workbench.waitForToast(/one\.png: Restoring .*step \d of 3/);
    await here.workbench.waitForToast(/2 faces restored: one\.restored-3\.png/);
  });
});

describeInWorkbench('results in a folder of their own', { files: { 'one.png': portrait }, settings: { 'difface.steps': 2, 'difface.outputFolder': 'out put', 'difface.outputSuffix': 'clean' } }, (here) => {
  it('go where the settings say, and are compared with their originals all the same', async () => {
    await here.workbench.contextMenu(['one.png'], 'Restore Faces');
    await here.workbench.waitForToast(/2 faces restored: one\.clean\.png/);
    await here.workbench.page.getByRole('button', { name: 'Compare With Original' }).click();
    const page = new EditorPage(here.workbench);
    await page.frame.locator('header', { hasText: 'with one.clean.png' }).waitFor();
    await page.frame.getByRole('slider', { name: 'Line between original and restored' }).waitFor();
    assert.deepEqual(readdirSync(join(here.server.workspace, 'out put')).sort(), ['one.clean.difface', 'one.clean.png']);
  });
});
