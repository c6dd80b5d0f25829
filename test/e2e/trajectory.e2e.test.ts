import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { readNpz } from '../tensor/readNpz.ts';
import { describeInWorkbench } from './describeInWorkbench.ts';
import { EditorPage } from './editorPage.ts';
import { root } from './vsix.ts';

/** The sample model's own walk: 17 states and the result. */
const last = 17;

describeInWorkbench('the trajectory', { files: { 'portrait.png': join(root, 'samples', 'portrait.png'), 'clip.mp4': join(root, 'samples', 'clip.mp4') } }, (here) => {
  let page: EditorPage;
  const scrubber = (): Locator => page.frame.getByRole('slider', { name: 'Step', exact: true });
  const shows = (position: number): Promise<void> => page.frame.locator(`.scrubber[aria-valuenow="${position}"]`).waitFor({ timeout: 10_000 });
  const press = async (...keys: readonly string[]): Promise<void> => {
    await scrubber().focus();
    for (const key of keys) await here.workbench.page.keyboard.press(key);
  };
  /** Text of a pane's canvas: what it shows. */
  const panes = (): Promise<string[]> => page.frame.locator('.panes canvas').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''));
  const tool = (name: string): Locator => page.frame.getByRole('button', { name, exact: true });
  const branch = async (seed: number): Promise<void> => {
    await press('b');
    await page.frame.getByLabel('seed of the branch', { exact: false }).fill(String(seed));
    await here.workbench.page.keyboard.press('Enter');
    await page.frame.locator('.branch-name', { hasText: `seed ${seed}` }).waitFor({ timeout: 60_000 });
  };

  it('of a restored face opens from the editor, walked once and shown from input to result', async () => {
    page = await EditorPage.open(here.workbench, 'portrait.png');
    await page.faceFrames.nth(1).waitFor();
    await page.restore();
    await page.waitForStatus(/restored in/);
    await page.button('Trajectory').click();
    await scrubber().waitFor({ timeout: 60_000 });
    await shows(last);
    assert.match(await page.frame.locator('.contraction').textContent() ?? '', /0\.681/, 'sqrt(alphaBar_N) of the start, t = 272');
    assert.ok((await panes()).some((name) => name.startsWith('Input')) && (await panes()).some((name) => name.startsWith('Estimate')), (await panes()).join());
    await here.workbench.screenshot('trajectory opened');
  });

  it('is scrubbed by key and by mouse', async () => {
    await press('Home');
    await shows(0);
    await press('ArrowRight', 'ArrowRight', 'ArrowRight');
    await shows(3);
    assert.match(await scrubber().getAttribute('aria-valuetext') ?? '', /step 4 of 17, t = 216/);
    const box = (await scrubber().boundingBox())!;
    await here.workbench.page.mouse.click(box.x + box.width * (10.5 / 18), box.y + box.height / 2);
    await shows(10);
    await page.frame.locator('.film-cell').nth(5).click();
    await page.frame.locator('difface-trajectory[data-step="10"]').waitFor({ state: 'detached', timeout: 10_000 });
  });

  it('shows differences to another step, to the estimate and to the input, and the values under the pointer', async () => {
    await press('Home', 'd');
    await page.frame.getByLabel('Less').waitFor();
    for (const to of ['estimate', 'input', 'result']) {
      await page.frame.getByLabel('Less').selectOption(to);
      await here.workbench.page.waitForTimeout(150);
      assert.ok((await panes()).some((name) => name.startsWith('Difference')), to);
    }
    const box = (await page.frame.locator('.panes canvas').first().boundingBox())!;
    await here.workbench.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.frame.locator('.pixel', { hasText: /pixel \d+, \d+/ }).waitFor();
    await here.workbench.screenshot('trajectory difference');
    await press('d');
  });

  it('refuses a seed that cannot be meant, and says why', async () => {
    await press('Home', 'PageUp');
    await shows(10);
    await press('b');
    const seed = page.frame.getByLabel('seed of the branch', { exact: false });
    await seed.fill('-5');
    await here.workbench.page.keyboard.press('Enter');
    await page.frame.locator('.problem', { hasText: 'Seed takes a whole number from 0 to 4294967295' }).waitFor();
    assert.equal(await seed.inputValue(), '-5');
    assert.equal(await page.frame.locator('.branch-name').count(), 1, 'nothing was walked');
    await here.workbench.page.keyboard.press('Escape');
    await seed.waitFor({ state: 'detached' });
  });

  it('branches at three steps with other seeds; two branches are compared', async () => {
    for (const [step, seed] of [[2, 7], [6, 8], [11, 9]] as const) {
      await page.frame.locator('.branch-name', { hasText: 'main' }).click();
      await press('Home', ...Array.from({ length: step }, () => 'ArrowRight'));
      await shows(step);
      await branch(seed);
    }
    assert.equal(await page.frame.locator('.branch-name').count(), 4);
    await page.frame.locator('.branch-name', { hasText: 'seed 7' }).click();
    await page.frame.getByRole('button', { name: /^Compare with seed 9/ }).click();
    await press('End');
    await here.workbench.page.waitForTimeout(500);
    await here.workbench.screenshot('trajectory branches compared');
    assert.ok((await panes()).some((name) => name.includes('seed 9')), (await panes()).join('; '));
  });

  it('puts the result of a branch into the picture', async () => {
    await tool('Use This Result').click();
    await page.frame.locator('.badge', { hasText: 'used' }).waitFor({ timeout: 20_000 });
    await page.frame.locator('.branch-head', { hasText: 'seed 7' }).locator('.badge', { hasText: 'used' }).waitFor();
    await page.waitForStatus(/Face 1 is the branch's/);
    assert.equal(await page.frame.locator('.branch-head', { hasText: 'seed 7' }).getByRole('button', { name: /^Remove/ }).isDisabled(), true, 'what is in the picture is not removed');
  });

  it('maps the agreement of 8 seeds', async () => {
    await tool('Seed Map').click();
    await page.frame.locator('vscode-button', { hasText: 'Make Map' }).click();
    await page.frame.locator('.share', { hasText: /% of the face; mean 0\.\d+, peak 0\.\d+/ }).waitFor({ timeout: 120_000 });
    await here.workbench.page.waitForTimeout(700);
    assert.ok((await panes()).some((name) => name.startsWith('Deviation')) && (await panes()).some((name) => name.startsWith('Mean')), (await panes()).join('; '));
    await here.workbench.screenshot('trajectory seed map');
    await tool('Seed Map').click();
  });

  it('is exported as arrays, strip and films', async () => {
    await page.frame.locator('.branch-name', { hasText: 'main' }).click();
    await tool('Export').first().click();
    for (const format of ['PNG strip', 'WebM', 'GIF']) await page.frame.getByLabel(format).check();
    await page.frame.locator('vscode-button', { hasText: 'Export Walk' }).click();
    await page.waitForStatus(/Written to portrait\.face-1\.trajectory/, 60_000);
    const folder = join(here.server.workspace, 'portrait.face-1.trajectory');
    assert.deepEqual(readdirSync(folder).sort(), ['parameters.json', 'states.npz', 'strip.png', 'walk.gif', 'walk.webm']);
    const arrays = await readNpz(join(folder, 'states.npz'));
    assert.deepEqual(arrays.get('x_t')!.shape, [17, 3, 128, 128]);
    const { parameters } = JSON.parse(readFileSync(join(folder, 'parameters.json'), 'utf8')) as { parameters: { seed: number } };
    assert.equal(parameters.seed, 12345);
    await page.frame.locator('.branch-name', { hasText: 'seed 7' }).click();
    await page.frame.locator('vscode-button', { hasText: 'Export Walk' }).click();
    await page.waitForStatus(/Written to portrait\.face-1\.seed-7-from-t-\d+\.trajectory/, 60_000);
    await page.frame.locator('.branch-name', { hasText: 'main' }).click();
  });

  it('is there again, at the same step, when the tab was hidden', async () => {
    await press('Home', 'ArrowRight', 'ArrowRight');
    await shows(2);
    await here.workbench.contextMenu(['clip.mp4'], 'Open With DifFace');
    await page.frame.locator('.timeline').waitFor();
    await here.workbench.page.locator('.tabs-container .tab', { hasText: 'portrait.png' }).first().click();
    await shows(2);
    assert.equal(await page.frame.locator('.branch-name').count(), 4);
  });

  it('has a panel of its own', async () => {
    await page.frame.getByRole('button', { name: 'Open to the side' }).click();
    await here.workbench.activeTab('Trajectory: portrait.png, face 1').waitFor();
    const beside = here.workbench.webview(1);
    await beside.locator('.scrubber').waitFor({ timeout: 30_000 });
    await here.workbench.screenshot('trajectory panel');
  });

  it('comes back in its panel when the window is loaded again', async () => {
    // In code-server all pages share one service worker: of two that load at the same moment one may wait for ever.
    await here.workbench.runCommand('View: Close Editors in Other Groups');
    await here.workbench.reload();
    await here.workbench.activeTab('Trajectory: portrait.png, face 1').waitFor({ timeout: 60_000 });
    await here.workbench.webview().locator('.scrubber').waitFor({ timeout: 60_000 });
    await here.workbench.runCommand('View: Close All Editors');
  });

  it('shows the walk of a restoration as soon as it is done', async () => {
    page = await EditorPage.open(here.workbench, 'portrait.png');
    await page.faceFrames.nth(1).waitFor();
    await page.press('t');
    await scrubber().waitFor({ timeout: 30_000 });
    await page.frame.getByRole('button', { name: 'Another seed' }).click();
    await page.frame.locator('.notice', { hasText: 'not been walked yet' }).waitFor({ timeout: 20_000 });
    await page.restore();
    await scrubber().waitFor({ timeout: 60_000 });
  });
});

describeInWorkbench('the trajectory of a clip', { files: { 'clip.mp4': join(root, 'samples', 'clip.mp4') }, settings: { 'difface.steps': 6 } }, (here) => {
  it('lays steps and frames out in a grid; a cell opens', async () => {
    const page = await EditorPage.open(here.workbench, 'clip.mp4');
    await page.frame.locator('.lane-head').nth(1).waitFor({ timeout: 60_000 });
    await page.press('t');
    await page.frame.locator('vscode-button', { hasText: 'Walk' }).click();
    await page.frame.locator('.scrubber').waitFor({ timeout: 60_000 });
    await page.frame.getByRole('radio', { name: 'Grid' }).click();
    const cells = page.frame.getByRole('gridcell');
    await cells.first().waitFor({ timeout: 120_000 });
    assert.equal(await page.frame.getByRole('row').count(), 13);
    await page.frame.getByRole('radio', { name: /Change/ }).click();
    await here.workbench.page.waitForTimeout(400);
    await here.workbench.screenshot('trajectory grid');
    await cells.nth(7 * 3 + 2).click();
    await page.frame.locator('.scrubber[aria-valuenow="2"]').waitFor({ timeout: 60_000 });
  });
});
