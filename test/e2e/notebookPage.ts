import type { Frame, Locator } from 'playwright-core';
import type { Workbench } from './workbench.ts';

/** A notebook that is open, as a person finds things in it. Its outputs are in one webview. */
export class NotebookPage {
  constructor(private readonly workbench: Workbench) {}

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

  /** Scrolls down until something is seen: what is out of sight has no place yet. */
  async scrollUntil(seen: () => Promise<boolean>): Promise<void> {
    await this.workbench.page.locator('.notebook-editor .cell-list-container').first().hover({ position: { x: 20, y: 200 } });
    for (let i = 0; i < 40 && !(await seen()); i++) {
      await this.workbench.page.mouse.wheel(0, 1500);
      await this.workbench.page.waitForTimeout(150);
    }
  }

  /** Rows of the list that are in view. */
  get cells(): Locator {
    return this.workbench.page.locator('.notebook-editor .monaco-list-row');
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
