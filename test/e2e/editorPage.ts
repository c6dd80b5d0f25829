import type { FrameLocator, Locator } from 'playwright-core';
import type { Workbench } from './workbench.ts';

/** The page of a DifFace editor, as a person finds things on it. */
export class EditorPage {
  /** @param nth of the webviews that are seen; -1 is the one opened last: a notebook behind it keeps its own */
  constructor(private readonly workbench: Workbench, private readonly nth = 0) {}

  /** Opens a file by the explorer's menu and waits until it is shown. */
  static async open(workbench: Workbench, name: string): Promise<EditorPage> {
    await workbench.contextMenu([name], 'Open With DifFace');
    const page = new EditorPage(workbench);
    await page.shown(name);
    return page;
  }

  get frame(): FrameLocator {
    return this.workbench.webview(this.nth);
  }

  async shown(name: string): Promise<void> {
    await this.frame.locator('header .name', { hasText: name }).waitFor({ timeout: 60_000 });
  }

  get stage(): Locator {
    return this.frame.locator('.stage');
  }

  /** Frames around faces on the picture. */
  get faceFrames(): Locator {
    return this.frame.locator('.face-frame');
  }

  mode(name: 'Original' | 'Split' | 'Side by Side' | 'Restored'): Locator {
    return this.frame.getByRole('radio', { name, exact: true });
  }

  button(name: string): Locator {
    return this.frame.locator('vscode-button, button.link, button.tool').filter({ hasText: new RegExp(`^\\s*${name}\\s*$`) });
  }

  get status(): Locator {
    return this.frame.locator('footer .status');
  }

  get playhead(): Locator {
    return this.frame.getByRole('slider', { name: 'Playhead' });
  }

  /** Frame under the playhead, counted from 0. */
  async position(): Promise<number> {
    return Number(await this.playhead.getAttribute('aria-valuenow'));
  }

  async waitForPosition(frame: number): Promise<void> {
    await this.frame.locator(`[role=slider][aria-label=Playhead][aria-valuenow="${frame}"]`).waitFor({ timeout: 10_000 });
  }

  async restore(): Promise<void> {
    await this.frame.locator('vscode-button', { hasText: 'Restore' }).click();
  }

  async waitForStatus(text: RegExp, timeout = 60_000): Promise<string> {
    await this.status.filter({ hasText: text }).waitFor({ timeout });
    return (await this.status.textContent() ?? '').trim();
  }

  /** Press a key where the picture has the focus. */
  async press(key: string): Promise<void> {
    await this.stage.focus();
    await this.workbench.page.keyboard.press(key);
  }
}
