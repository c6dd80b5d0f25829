import { strict as assert } from 'node:assert';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { difface } from '../cli/command.ts';
import { describeInWorkbench } from './describeInWorkbench.ts';
import { EditorPage } from './editorPage.ts';
import { root } from './vsix.ts';

const portrait = join(root, 'samples', 'portrait.png');

describeInWorkbench('results and their recipes', { files: { 'portrait.png': portrait }, settings: { 'difface.steps': 4 } }, (here) => {
  const result = 'portrait.clean.png';
  let page: EditorPage;

  it('a result that was made elsewhere opens with its original, and says what made it', async () => {
    const { workspace } = here.server;
    const { code, stderr } = await difface(['restore', join(workspace, 'portrait.png'), '--output', join(workspace, 'out'), '--suffix', 'clean', '--sampler', 'ddim', '--start', '9', '--steps', '3', '--seed', '7', '--faces', '2']);
    assert.equal(code, 0, stderr);
    await here.workbench.explorerItem('out').click();
    await here.workbench.explorerItem(result).waitFor();
    await here.workbench.contextMenu([result], 'Open With DifFace');
    page = new EditorPage(here.workbench);
    await page.frame.locator('header', { hasText: `with ${result}` }).waitFor({ timeout: 60_000 });
    await page.frame.getByRole('slider', { name: 'Line between original and restored' }).waitFor();
    assert.match(await page.waitForStatus(/Made with/), /Made with sample, seed 7, on CPU, .*DifFace \d/);
    await here.workbench.screenshot('a result and what made it');
  });

  it('is made again at a click, the same bit for bit', async () => {
    await page.button('Replay').click();
    await here.workbench.waitForToast(/portrait\.clean\.png was made again: the same, bit for bit/, 60_000);
    await here.workbench.runCommand('Notifications: Clear All Notifications');   // they lie over the line
    await page.button('Open Recipe').click();
    await here.workbench.activeTab('portrait.clean.difface').waitFor();
  });

  it('and at a click on the lens above the action of its recipe', async () => {
    const lens = here.workbench.page.locator('.codelens-decoration a', { hasText: 'Replay' });
    await lens.waitFor({ timeout: 60_000 });                            // the language server starts with the first recipe
    await lens.click();
    // not among those shown in the past: the button's said the same
    await here.workbench.page.locator('.notification-toast', { hasText: 'portrait.clean.png was made again: the same, bit for bit' }).waitFor({ timeout: 60_000 });
    await here.workbench.screenshot('a recipe replayed by its lens');
  });

  it('a recipe opens in the editor with its options and faces', async () => {
    await here.workbench.contextMenu(['portrait.clean.difface'], 'Open Recipe in Editor');
    await here.workbench.activeTab('portrait.png').waitFor();
    page = new EditorPage(here.workbench);
    await page.shown('portrait.png');
    await page.frame.locator('.face-frame.out').waitFor();
    await page.frame.locator('button.link', { hasText: 'More' }).click();
    await page.frame.getByLabel('Start step').first().waitFor();
    const value = (label: string): Promise<string> => page.frame.locator(`vscode-textfield[aria-label="${label}"]`).evaluate((field) => (field as HTMLInputElement).value);
    assert.deepEqual([await value('Seed'), await value('Start step'), await value('Steps')], ['7', '9', '3']);
    assert.equal(await page.frame.locator('vscode-checkbox[label="Match colours"]').count(), 1);
    await here.workbench.screenshot('a recipe in the editor');
  });

  it('the options of the editor are copied as a recipe, and put into a new notebook', async () => {
    await here.workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await here.workbench.runCommand('DifFace: Copy As Recipe');
    await here.workbench.page.getByText('The recipe of portrait.png is on the clipboard').first().waitFor();
    const copied = await here.workbench.page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^restore: portrait\.png\n/);
    for (const line of ['start: 9', 'steps: 3', 'seed: 7', 'faces: [ 2 ]']) assert.ok(copied.split('\n').includes(line), copied);
    await here.workbench.runCommand('DifFace: Insert Into Notebook');
    await here.workbench.page.locator('.notebookOverlay .view-lines', { hasText: 'restore: portrait.png' }).waitFor();
    await here.workbench.screenshot('a recipe in a notebook');
  });

  it('a result that somebody changed says so, in the editor and when it is replayed', async () => {
    await appendFile(join(here.server.workspace, 'out', result), 'more');
    await here.workbench.contextMenu(['portrait.clean.difface'], 'Replay Restoration');
    await here.workbench.waitForToast(/not everything is as it was: the file portrait\.clean\.png is not what was made/, 60_000);
  });
});
