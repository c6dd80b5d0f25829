import { strict as assert } from 'node:assert';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describeInWorkbench } from './describeInWorkbench.ts';
import { EditorPage } from './editorPage.ts';
import { root } from './vsix.ts';

const portrait = join(root, 'samples', 'portrait.png');
const odd = `o'd "n" #1 50% ü 😀 ${'long '.repeat(28)}.png`;

describeInWorkbench('the picture editor', { files: { 'portrait.png': portrait, [odd]: portrait, 'gone.png': portrait, 'damaged.png': join(root, 'package.json') }, settings: { 'difface.steps': 3 } }, (here) => {
  let page: EditorPage;
  const written = (): string[] => readdirSync(here.server.workspace).filter((name) => name.includes('.restored')).sort();

  it('opens a picture and frames its faces', async () => {
    page = await EditorPage.open(here.workbench, 'portrait.png');
    await page.faceFrames.nth(1).waitFor();
    assert.equal(await page.faceFrames.count(), 2);
    assert.match(await page.frame.locator('header').textContent() ?? '', /800x600.*png.*2 faces/s);
    assert.ok(await page.mode('Restored').isDisabled(), 'nothing is restored yet');
  });

  it('leaves out a face that is clicked, restores the other, and shows both sides of a line', async () => {
    await page.faceFrames.nth(1).click();
    await page.frame.locator('.face-frame.out').waitFor();
    await page.restore();
    assert.match(await page.waitForStatus(/restored in/), /^1 face restored in .* s on CPU, seed 12345/);
    assert.equal(await page.mode('Split').getAttribute('aria-checked'), 'true');
    const line = page.frame.getByRole('slider', { name: 'Line between original and restored' });
    await line.focus();
    await here.workbench.page.keyboard.press('ArrowRight');
    await line.and(page.frame.locator('[aria-valuenow="52"]')).waitFor();
    assert.deepEqual(written(), [], 'nothing is written before it is exported');
  });

  it('zooms and pans by keys and by dragging, also where a face is', async () => {
    const face = page.faceFrames.first();
    const place = async () => (await face.boundingBox())!;
    for (let i = 0; i < 6; i++) await page.press('+');
    await here.workbench.page.waitForTimeout(200);
    const before = await place();
    await page.press('ArrowLeft');
    await here.workbench.page.waitForTimeout(200);
    const panned = await place();
    assert.ok(Math.abs(panned.x - before.x - 40) < 1, `${panned.x - before.x}`);
    const { mouse } = here.workbench.page;
    await mouse.move(panned.x + panned.width / 2, panned.y + panned.height / 2);
    await mouse.down();
    await mouse.move(panned.x + panned.width / 2 + 30, panned.y + panned.height / 2 + 20, { steps: 5 });
    await mouse.up();
    await here.workbench.page.waitForTimeout(200);
    const dragged = await place();
    assert.ok(dragged.x > panned.x + 15 && dragged.y > panned.y + 5, JSON.stringify([panned, dragged]));
    assert.equal(await face.getAttribute('aria-pressed'), 'true', 'the face was dragged, not clicked');
    await page.press('0');
  });

  it('exports beside the original, with only the chosen face changed', async () => {
    await page.button('Export').click();
    assert.match(await page.waitForStatus(/Written to/), /portrait\.restored\.png/);
    assert.deepEqual(written(), ['portrait.restored.difface', 'portrait.restored.png']);
    const [before, after] = await Promise.all([portrait, join(here.server.workspace, 'portrait.restored.png')].map((file) => sharp(file).raw().toBuffer({ resolveWithObject: true })));
    const changed = [false, false];
    for (let i = 0; i < before!.data.length; i++) if (before!.data[i] !== after!.data[i]) changed[Math.floor(i / 3) % before!.info.width < 420 ? 0 : 1] = true;
    assert.deepEqual(changed, [true, false]);
    assert.ok((await readFile(portrait)).equals(await readFile(join(here.server.workspace, 'portrait.png'))), 'the original is as it was');
  });

  it('keeps what was arranged when its tab is hidden, and in a second editor beside it', async () => {
    await page.mode('Side by Side').click();
    await EditorPage.open(here.workbench, odd);
    await here.workbench.activeTab(odd).waitFor();
    await here.workbench.page.locator('.tabs-container .tab', { hasText: 'portrait.png' }).first().click();
    await page.shown('portrait.png');
    assert.equal(await page.mode('Side by Side').getAttribute('aria-checked'), 'true');
    await page.frame.locator('.face-frame.out').waitFor();
    await here.workbench.runCommand('View: Split Editor Right');
    const second = new EditorPage(here.workbench, 1);
    await second.shown('portrait.png');
    await second.frame.locator('.face-frame.out').waitFor();
    await second.faceFrames.nth(1).click();
    await page.frame.locator('.face-frame.out').waitFor({ state: 'detached' });
    await here.workbench.runCommand('View: Close Editor Group');
    await second.frame.locator('header').waitFor({ state: 'detached' });
  });

  it('keeps it over a reload of the window', async () => {
    await here.workbench.reload();
    await page.shown('portrait.png');
    await page.mode('Side by Side').and(page.frame.locator('[aria-checked=true]')).waitFor();
    await page.mode('Restored').and(page.frame.locator(':enabled')).waitFor({ timeout: 20_000 });
  });

  it('restores and exports a file with an odd name', async () => {
    await here.workbench.runCommand('View: Close All Editors');
    const other = await EditorPage.open(here.workbench, odd);
    await other.restore();
    await other.waitForStatus(/2 faces restored/);
    await other.button('Export').click();
    await other.waitForStatus(/Written to/);
    assert.ok(written().includes(odd.replace('.png', '.restored.png')), written().join(', '));
  });

  it('compares a result with its original', async () => {
    await here.workbench.contextMenu(['portrait.restored.png'], 'Compare With Original');
    await page.frame.locator('header', { hasText: 'with portrait.restored.png' }).waitFor();
    assert.equal(await page.mode('Split').getAttribute('aria-checked'), 'true');
    await page.frame.getByRole('slider', { name: 'Line between original and restored' }).waitFor();
  });

  it('notices that its file changes or goes', async () => {
    const file = join(here.server.workspace, 'gone.png');
    const other = await EditorPage.open(here.workbench, 'gone.png');
    await other.faceFrames.nth(1).waitFor();
    await sharp(portrait).extract({ left: 0, top: 0, width: 420, height: 600 }).toFile(file);
    await other.frame.locator('header', { hasText: '420x600' }).waitFor();
    await other.faceFrames.nth(1).waitFor({ state: 'detached' });
    rmSync(file);
    await other.frame.getByRole('alert').filter({ hasText: 'gone.png was deleted or moved' }).waitFor();
    await copyFile(portrait, file);
    await other.frame.locator('header', { hasText: '800x600' }).waitFor();
  });

  it('notices that the folder of its file gets another name, and finds the file again', async () => {
    const folder = join(here.server.workspace, 'album');
    mkdirSync(folder);
    await copyFile(portrait, join(folder, 'inside.png'));
    await here.workbench.explorerItem('album').click();
    const other = await EditorPage.open(here.workbench, 'inside.png');
    await other.faceFrames.nth(1).waitFor();
    renameSync(folder, `${folder} 2`);
    await other.frame.getByRole('alert').filter({ hasText: 'inside.png was deleted or moved' }).waitFor();
    renameSync(`${folder} 2`, folder);
    await other.faceFrames.nth(1).waitFor();
  });

  it('begins afresh with another file of the same name', async () => {
    const file = join(here.server.workspace, 'gone.png');
    const other = await EditorPage.open(here.workbench, 'gone.png');
    await other.faceFrames.nth(1).click();
    await other.frame.locator('.face-frame.out').waitFor();
    await sharp(portrait).flop().toFile(file);
    await other.frame.locator('.face-frame.out').waitFor({ state: 'detached' });
    await other.faceFrames.nth(1).waitFor();
  });

  it('opens from the menu of a tab', async () => {
    await here.workbench.runCommand('View: Close All Editors');
    await here.workbench.openFile('portrait.png');
    await here.workbench.tabMenu('portrait.png', 'Open With DifFace');
    await page.shown('portrait.png');
  });

  it('replaces a file that one chose to replace, but never the original', async () => {
    const file = join(here.server.workspace, 'chosen.png');
    await copyFile(join(root, 'media', 'icon.png'), file);
    await page.restore();
    await page.waitForStatus(/restored (in|before)/);
    await exportAs(file);
    assert.match(await page.waitForStatus(/Written to/), /Written to chosen\.png\s/);
    assert.equal((await sharp(await readFile(file)).metadata()).width, 800);
    await exportAs(join(here.server.workspace, 'portrait.png'));
    assert.match(await page.waitForStatus(/there already/), /Written to portrait-2\.png; portrait\.png is there already/);
    assert.ok((await readFile(portrait)).equals(await readFile(join(here.server.workspace, 'portrait.png'))));
    assert.deepEqual(readdirSync(here.server.workspace).filter((name) => name.startsWith('.') && name.includes('part')), []);
  });

  /** Chooses a file that is there, and says that it may be replaced. */
  async function exportAs(file: string): Promise<void> {
    await page.button('Export As...').click();
    const dialog = here.workbench.page.locator('.quick-input-widget');
    const field = dialog.locator('input[type="text"]');
    // the dialog fills in its own suggestion first, and reads what is typed a moment later
    while (!/restored/.test(await field.inputValue())) await here.workbench.page.waitForTimeout(100);
    await here.workbench.page.waitForTimeout(500);
    await field.fill(file);
    await here.workbench.page.waitForTimeout(800);
    assert.equal(await field.inputValue(), file);
    await here.workbench.page.keyboard.press('Enter');
    await dialog.getByText(/already exists/).waitFor();
    await here.workbench.page.keyboard.press('Enter');
  }

  it('says what is wrong with a file it cannot read', async () => {
    await here.workbench.contextMenu(['damaged.png'], 'Open With DifFace');
    const alert = page.frame.getByRole('alert');
    await alert.waitFor();
    assert.match(await alert.textContent() ?? '', /damaged\.png is no picture that can be read/);
  });

  it('asks nobody beyond this machine and breaks no rule of its page', () => {
    assert.deepEqual(here.workbench.requestsOutside, []);
    assert.deepEqual(here.workbench.consoleErrors.filter((line) => /Content Security|difface/i.test(line)), []);
  });
});
