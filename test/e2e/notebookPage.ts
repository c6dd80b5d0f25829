import type { Frame } from 'playwright-core';
import type { Workbench } from './workbench.ts';

/** A notebook that is open, as a person finds things in it. Its outputs are in one webview. */
export class NotebookPage {
  constructor(private readonly workbench: Workbench) {}

  /** Opens a notebook of the workspace. */
  static async open(workbench: Workbench, name: string): Promise<NotebookPage> {
    const page = new NotebookPage(workbench);
    for (let attempt = 1; ; attempt++) {
      await workbench.openFile(name);
      // before VS Code knows its own extensions it opens a notebook as text
      const there = await workbench.page.locator('.notebook-editor .cell-list-container').waitFor({ timeout: 8000 }).then(() => true, () => false);
      if (there || attempt === 4) break;
      await workbench.runCommand('View: Close All Editors');
    }
    await page.shown();
    return page;
  }

  /** Waits until the cells are there and our kernel is chosen. */
  async shown(): Promise<void> {
    const { page } = this.workbench;
    await page.locator('.notebook-editor .cell-list-container').waitFor({ timeout: 60_000 });
    await page.locator('.notebook-toolbar-container').getByText('DifFace', { exact: true }).first().waitFor({ timeout: 30_000 });
  }

  async runAll(): Promise<void> {
    await this.workbench.page.locator('.notebook-toolbar-container').getByRole('button', { name: /Run All/ }).first().click();
  }

  /** Interrupts what runs. */
  async stop(): Promise<void> {
    await this.workbench.page.locator('.notebook-toolbar-container').getByRole('button', { name: /Stop Execution|Interrupt/ }).first().click();
  }

  /** Goes to a cell by keys, as far as it takes for it to be seen. @param place counted from 0 */
  async goTo(place: number): Promise<void> {
    const { keyboard } = this.workbench.page;
    await this.workbench.page.locator('.notebook-editor .monaco-list').first().focus();
    await keyboard.press('Control+Home');
    for (let i = 0; i < place; i++) {
      await keyboard.press('ArrowDown');
      await this.workbench.page.waitForTimeout(150);                    // a cell's outputs get their height when it is first seen
    }
  }

  /** The webview of all outputs. */
  async outputs(): Promise<Frame> {
    const host = this.workbench.page.locator('iframe.webview.ready').filter({ visible: true }).first();
    const inner = await host.contentFrame().locator('iframe#active-frame').elementHandle({ timeout: 60_000 });
    const frame = await inner.contentFrame();
    if (!frame) throw new Error('the outputs have gone');
    return frame;
  }
}
