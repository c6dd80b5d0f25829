import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describeInWorkbench } from './describeInWorkbench.ts';
import { EditorPage } from './editorPage.ts';
import { root } from './vsix.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const themes = ['Dark Modern', 'Light Modern', 'Dark High Contrast', 'Light High Contrast'] as const;

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
}

describeInWorkbench('the pages are for everybody', { files: { 'portrait.png': join(root, 'samples', 'portrait.png'), 'clip.mp4': join(root, 'samples', 'clip.mp4') }, settings: { 'difface.steps': 2 } }, (here) => {
  /** What axe-core finds that is serious, in the page of the active editor. */
  async function serious(): Promise<readonly string[]> {
    const frame = await here.workbench.webviewFrame();
    await frame.evaluate(axe);
    const violations = await frame.evaluate(async () => {
      const { axe: tool } = window as unknown as { axe: { run(context: Document): Promise<{ violations: Violation[] }> } };
      return (await tool.run(document)).violations;
    });
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary ?? ''})`).join('; ')}`);
  }

  for (const name of ['portrait.png', 'clip.mp4']) {
    it(`${name}: axe-core finds nothing serious, whatever the theme`, async () => {
      const page = await EditorPage.open(here.workbench, name);
      await page.button('More').click();
      if (name === 'clip.mp4') {
        await page.press('Shift+ArrowRight');
        await page.press('i');
        await page.press('ArrowRight');
        await page.press('o');
      }
      await page.restore();
      await page.waitForStatus(/restored in/);
      for (const theme of themes) {
        await here.workbench.changeColorTheme(theme);
        assert.deepEqual(await serious(), [], theme);
        await here.workbench.screenshot(`${name.split('.')[0] ?? ''} in ${theme}`);
      }
    });
  }

  it('every control can be reached by the keyboard alone and has a name', async () => {
    const frame = await here.workbench.webviewFrame();
    await frame.evaluate(() => { (document.activeElement as HTMLElement | null)?.blur(); });
    await new EditorPage(here.workbench).stage.focus();
    const reached = new Set<string>();
    for (let i = 0; i < 60; i++) {
      await here.workbench.page.keyboard.press('Tab');
      const name = await frame.evaluate(() => {
        const active = document.activeElement;
        return active && active !== document.body ? `${active.tagName.toLowerCase()} ${active.getAttribute('aria-label') ?? active.textContent.trim()}` : undefined;
      });
      if (name === undefined) break;
      reached.add(name);
    }
    const names = [...reached].join('\n');
    for (const wanted of ['Line between original and restored', 'Play (Space)', 'Playhead', 'Face 1', 'Model', 'Strength', 'Seed', 'Restore', 'Export']) assert.ok(names.includes(wanted), `${wanted} was not reached:\n${names}`);
    assert.ok(![...reached].some((name) => /^\S+ $/.test(name)), `something has no name:\n${names}`);
  });
});
