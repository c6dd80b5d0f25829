import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'mocha';
import type { Locator } from 'playwright-core';
import { describeInWorkbench } from './describeInWorkbench.ts';
import { root } from './vsix.ts';

const folder = mkdtempSync(join(tmpdir(), 'difface-recipes-'));
const recipe = join(folder, 'recipe.difface');
writeFileSync(recipe, '# the sample portrait\n- restore: portrait.png\n  sede: 3\n- measure: portrait.pgn\n  metrics: [sharpness]\n');

describeInWorkbench('a recipe in an editor', { files: { 'portrait.png': join(root, 'samples', 'portrait.png'), 'recipe.difface': recipe } }, (here) => {
  const editor = (): Locator => here.workbench.page.locator('.editor-instance .monaco-editor').first();
  const line = (text: string): Locator => editor().locator('.view-line', { hasText: text });
  /** The text of the document, as it is on the screen: the page has its lines in the order in which they changed. */
  const text = async (): Promise<string> => (await editor().locator('.view-line').evaluateAll((lines) => lines
    .map((one) => ({ top: one.getBoundingClientRect().top, words: (one as HTMLElement).innerText })).sort((a, b) => a.top - b.top).map(({ words }) => words))).join('\n').replaceAll('\u00A0', ' ');
  const press = (...keys: readonly string[]): Promise<void> => keys.reduce((before, key) => before.then(() => here.workbench.page.keyboard.press(key)), Promise.resolve());
  /** Puts the cursor at the end of the line, by keys: lines move under a pointer when lenses and problems come and go. */
  const toEndOf = async (shown: string): Promise<void> => {
    const at = (await text()).split('\n').findIndex((one) => one.includes(shown));
    assert.ok(at >= 0, shown);
    await editor().locator('.native-edit-context, textarea.inputarea').first().focus();
    await press('ControlOrMeta+Home', ...Array<string>(at).fill('ArrowDown'), 'End');
  };
  /** The document as it is when the test begins, at a second try too. */
  const startWith = async (content: string): Promise<void> => {
    await press('Escape');
    writeFileSync(join(here.server.workspace, 'recipe.difface'), content);
    await here.workbench.runCommand('File: Revert File');
    const wanted = content.trimEnd();
    for (let tries = 0; (await text()).trimEnd() !== wanted; tries++) {
      assert.ok(tries < 100, `${JSON.stringify(await text())} instead of ${JSON.stringify(wanted)}`);
      await here.workbench.page.waitForTimeout(100);
    }
  };
  const suggestions = (): Locator => here.workbench.page.locator('.suggest-widget.visible .monaco-list-row');

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows what is wrong, and a lens above each action', async () => {
    await here.workbench.openFile('recipe.difface');
    await here.workbench.waitForStatusBarItem(/DifFace Recipe/);
    await editor().locator('.squiggly-error').first().waitFor({ timeout: 60_000 });
    await editor().locator('.codelens-decoration', { hasText: 'Run' }).nth(1).waitFor();
    assert.equal(await editor().locator('.codelens-decoration', { hasText: 'Run' }).count(), 2);
    await here.workbench.waitForStatusBarItem(/Errors: 2/);
    await here.workbench.screenshot('recipe with problems');
  });

  it('says what a key means', async () => {
    await line('metrics').getByText('metrics', { exact: true }).hover();
    await here.workbench.page.locator('.monaco-hover', { hasText: 'What is measured' }).filter({ visible: true }).waitFor();
    await here.workbench.screenshot('recipe hover');
    await press('Escape');
  });

  it('mends a problem by its quick fix', async () => {
    await toEndOf('sede');
    await press('Home');
    await press('ControlOrMeta+.');
    const fix = here.workbench.page.locator('.action-widget .action-list-item, .action-widget .monaco-list-row', { hasText: "Change 'sede' to 'seed'" }).first();
    await fix.waitFor();
    await here.workbench.screenshot('recipe quick fix');
    await press('Enter');
    await line('seed: 3').waitFor();
    await here.workbench.waitForStatusBarItem(/Errors: 1/);
  });

  it('completes keys and values as one types', async () => {
    await startWith('# the sample portrait\n- restore: portrait.png\n  seed: 3\n- measure: portrait.pgn\n  metrics: [sharpness]\n');
    await toEndOf('seed: 3');
    await press('Enter');
    await here.workbench.page.keyboard.type('sam');
    await suggestions().filter({ hasText: 'sampler' }).first().waitFor();
    await here.workbench.screenshot('recipe completion of keys');
    await press('Enter');
    await suggestions().filter({ hasText: 'dpm++' }).first().waitFor();
    await here.workbench.screenshot('recipe completion of values');
    await press('ArrowDown', 'ArrowDown', 'Enter');
    await line('sampler: dpm++').waitFor();
    await press('Enter');
    await here.workbench.page.keyboard.type('mod');
    await suggestions().filter({ hasText: 'model' }).first().waitFor();
    await press('Enter');
    await suggestions().filter({ hasText: 'sample' }).first().waitFor();
    await press('Escape');
    await here.workbench.page.keyboard.type('sample');
    await line('model: sample').waitFor();
    assert.match(await text(), / {2}sampler: dpm\+\+\n {2}model: sample\n/);
  });

  it('says what the sample model is not for, and what the editor has in place of it', async () => {
    await line('model: sample').getByText('sample', { exact: true }).hover();
    const hover = here.workbench.page.locator('.monaco-hover', { hasText: 'drawn faces only' }).filter({ visible: true });
    await hover.waitFor();
    assert.match(await hover.first().innerText(), /Manage Model Weights/);
    await here.workbench.screenshot('recipe hover over the sample model');
    await press('Escape');
  });

  it('completes files, folders first, and only what can be restored', async () => {
    await startWith('# the sample portrait\n- restore: portrait.png\n  seed: 3\n  model: sample\n- measure: portrait.pgn\n  metrics: [sharpness]\n');
    await toEndOf('portrait.pgn');
    await press('Shift+Home', 'Delete');
    await here.workbench.page.keyboard.type('- measure: ');
    await suggestions().filter({ hasText: 'portrait.png' }).first().waitFor();
    await here.workbench.screenshot('recipe completion of files');
    assert.equal(await suggestions().filter({ hasText: 'recipe.difface' }).count(), 0);
    await suggestions().filter({ hasText: 'portrait.png' }).first().click();
    await line('- measure: portrait.png').waitFor();
    await here.workbench.waitForStatusBarItem(/No Problems|Errors: 0/);
  });

  it('is formatted on demand', async () => {
    await toEndOf('seed: 3');
    await here.workbench.page.keyboard.type('   # why');
    await here.workbench.runCommand('Format Document');
    await line('seed: 3 # why').waitFor();
    await here.workbench.screenshot('recipe formatted');
  });

  it('is coloured by meaning', async () => {
    const colour = (word: string): Promise<string> => line(word).locator('span span', { hasText: word }).first().evaluate((element) => getComputedStyle(element).color);
    const [action, key] = [await colour('restore'), await colour('seed')];
    assert.notEqual(action, key);
  });
});
