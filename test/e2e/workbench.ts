import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Frame, FrameLocator, Locator, Page } from 'playwright-core';
import { recordToasts, type Toasts } from './toasts.ts';
import { root } from './vsix.ts';

/** What the status bar shows of one item. */
export interface StatusBarItem {
  readonly text: string;
  /** What a screen reader says: the text and the tooltip. */
  readonly label: string;
  /** Names of its icons, such as `check`. */
  readonly icons: readonly string[];
}

/** Titles of VS Code's own themes, and the names of their files. */
const colorThemes = { 'Dark Modern': 'dark_modern', 'Light Modern': 'light_modern', 'Dark High Contrast': 'hc_black', 'Light High Contrast': 'hc_light' } as const;
export type ColorTheme = keyof typeof colorThemes;

/**
 * One browser page with VS Code in it, and what a person does there. Names of files are those in the workspace folder.
 * `page` is there for everything else.
 */
export class Workbench {
  /** Addresses beyond this machine that the page, its workers or its webviews asked for. */
  readonly requestsOutside: string[] = [];
  /** What was logged as an error in the console of the page or of a webview, and what was thrown and not caught. */
  readonly consoleErrors: string[] = [];
  readonly page: Page;
  /** Every notification ever shown, the short-lived ones too: see `waitForToast`. */
  readonly toasts: Toasts;

  private constructor(page: Page, toasts: Toasts) {
    this.page = page;
    this.toasts = toasts;
    page.context().on('request', (request) => {
      if (leavesMachine(new URL(request.url()))) this.requestsOutside.push(request.url());
    });
    page.on('console', (message) => {
      // code-server lacks a part of VS Code that is not free software; that is not the extension's doing.
      if (message.type() === 'error' && !message.location().url.includes('/vsda/') && !isOfWebview(message.text(), message.location().url)) this.consoleErrors.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => {
      this.consoleErrors.push(error.stack ?? error.message);
    });
  }

  /** Opens a page at `url` (a `CodeServer.workbenchUrl`) and waits until the explorer shows the workspace. */
  static async open(browser: Browser, url: string): Promise<Workbench> {
    const context: BrowserContext = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    const workbench = new Workbench(page, await recordToasts(page));
    await page.goto(url);
    await page.locator('.monaco-workbench .explorer-folders-view').waitFor({ timeout: 60_000 });
    await page.locator('.monaco-workbench .statusbar-item').first().waitFor();
    return workbench;
  }

  /** Runs a command by what the palette calls it, such as "DifFace: Start the Kernel". */
  async runCommand(title: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press('F1');
      try {
        await this.pick(title, { filter: `>${title}`, timeout: attempt < 3 ? 5000 : 15_000 });
        return;
      } catch (error) {
        // An editor that opens at this very moment takes the focus, and the palette closes.
        if (attempt === 3) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Chooses an entry of the open quick pick, after typing `filter` (the entry's own text where none is given). */
  async pick(entry: string, { filter = entry, timeout = 15_000 }: { readonly filter?: string; readonly timeout?: number } = {}): Promise<void> {
    const widget = this.page.locator('.quick-input-widget');
    await widget.locator('input[type="text"]').fill(filter, { timeout });
    // The list is filtered a moment after typing: only the row that says exactly this is the one.
    await widget.locator('.quick-input-list .monaco-list-row').filter({ has: this.page.getByText(entry, { exact: true }) }).first().click({ timeout });
  }

  explorerItem(name: string): Locator {
    return this.page.locator('.explorer-folders-view').getByRole('treeitem', { name, exact: true });
  }

  /** Loads the window again, once what is open now is written down: in a browser VS Code does that every five seconds, when it has nothing else to do. */
  async reload(): Promise<void> {
    await this.page.waitForTimeout(8000);
    await this.page.reload();
  }

  /** Opens a file with the editor VS Code chooses. */
  async openFile(name: string): Promise<void> {
    await this.explorerItem(name).dblclick();
    await this.activeTab(name).waitFor();
  }

  /** Opens a file with the editor of that title, through "Open With...". */
  async openFileWith(name: string, editorTitle: string): Promise<void> {
    await this.contextMenu([name], 'Open With...');
    await this.pick(editorTitle);
    await this.activeTab(name).waitFor();
  }

  activeTab(name: string): Locator {
    return this.page.locator('.tabs-container .tab.active', { hasText: name });
  }

  /** Selects the files in the explorer and chooses `item` of their context menu. */
  async contextMenu(names: readonly string[], item: string): Promise<void> {
    // a menu that is opened before the extension host has told its contributions does not have them
    for (let attempt = 1; ; attempt++) {
      const entry = (await this.openContextMenu(names)).getByRole('menuitem', { name: item, exact: true });
      if ((await entry.count()) > 0 || attempt === 20) {
        await entry.click();
        return;
      }
      await this.page.keyboard.press('Escape');
      await this.page.waitForTimeout(500);
    }
  }

  /** Chooses `item` of the menu of the active tab. */
  async tabMenu(name: string, item: string): Promise<void> {
    // an editor that takes the focus when its page has loaded closes the menu
    for (let attempt = 1; ; attempt++) {
      await this.activeTab(name).click({ button: 'right' });
      await this.page.waitForTimeout(300); // as in `openContextMenu`
      const entry = this.page.locator('.context-view .monaco-menu').getByRole('menuitem', { name: item, exact: true });
      try {
        await entry.click({ timeout: attempt < 5 ? 2000 : 10_000 });
        return;
      } catch (error) {
        if (attempt === 5) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Selects the files in the explorer, without opening them, and opens their context menu; Escape closes it. */
  async openContextMenu(names: readonly string[]): Promise<Locator> {
    const [first, ...others] = names;
    if (first === undefined) throw new Error('a context menu needs a file');
    if (others.length > 0) await this.explorerItem(first).click();
    for (const name of others) await this.explorerItem(name).click({ modifiers: ['ControlOrMeta'] });
    await this.explorerItem(others.at(-1) ?? first).click({ button: 'right' });
    const menu = this.page.locator('.context-view .monaco-menu');
    await menu.waitFor();
    await this.page.waitForTimeout(300); // a menu that has just opened takes the mouse's own release for a click elsewhere
    return menu;
  }

  /** The document inside the webview of the active editor; `nth` where several are visible. For locators. */
  webview(nth = 0): FrameLocator {
    return this.webviewHost(nth).contentFrame().locator('iframe#active-frame').contentFrame();
  }

  /** The same as a Frame, for `evaluate`. */
  async webviewFrame(nth = 0): Promise<Frame> {
    const inner = await this.webviewHost(nth).contentFrame().locator('iframe#active-frame').elementHandle();
    const frame = await inner.contentFrame();
    if (!frame) throw new Error('the webview has gone');
    return frame;
  }

  /** Waits until a status-bar item's text and tooltip match; returns what it shows. */
  async waitForStatusBarItem(label: RegExp, timeout = 60_000): Promise<StatusBarItem> {
    const item = this.page.locator('.statusbar-item[aria-label]').filter({ visible: true });
    const found = await this.page.waitForFunction(([source, flags]) => {
      const pattern = new RegExp(source, flags);
      const element = [...document.querySelectorAll<HTMLElement>('.statusbar-item[aria-label]')].find((one) => pattern.test(one.ariaLabel ?? ''));
      if (!element) return undefined;
      const icons = [...element.querySelectorAll('.codicon')].flatMap((icon) => [...icon.classList]).filter((name) => name.startsWith('codicon-')).map((name) => name.replace(/^codicon-|~.*$/g, ''));
      return { text: element.innerText.trim(), label: element.ariaLabel ?? '', icons };
    }, [label.source, label.flags] as const, { timeout, polling: 100 }).catch(async (error: unknown) => {
      const labels = await item.evaluateAll((items) => items.map((one) => one.ariaLabel));
      throw new Error(`no status-bar item matches ${String(label)}; there are: ${labels.join(' | ')}`, { cause: error });
    });
    return await found.jsonValue() as StatusBarItem;
  }

  /** Waits until a notification has been shown that matches, even if it has gone since; returns its text. */
  async waitForToast(pattern: RegExp, timeout = 30_000): Promise<string> {
    return this.toasts.waitFor(pattern, timeout);
  }

  /** Changes the color theme and waits until it shows. */
  async changeColorTheme(title: ColorTheme): Promise<void> {
    await this.runCommand('Preferences: Color Theme');
    await this.pick(title);
    await this.page.locator(`.monaco-workbench[class*="-${colorThemes[title]}-json"]`).waitFor();
  }

  /** Saves a picture of the page as out/e2e/<name>.png; returns its path. */
  async screenshot(name: string): Promise<string> {
    const folder = join(root, 'out', 'e2e');
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${name.replace(/[^\w-]+/g, '-')}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** A webview is two nested frames; hidden editors keep theirs. */
  private webviewHost(nth: number): Locator {
    return this.page.locator('iframe.webview.ready').filter({ visible: true }).nth(nth);
  }
}

/** Files of a webview have addresses on a host that nobody is asked for: VS Code's service worker answers. Where it did not, the browser could not find the host (`launchBrowser`). */
function leavesMachine({ protocol, hostname }: URL): boolean {
  return /^(https?|wss?):$/.test(protocol) && hostname !== '127.0.0.1' && hostname !== 'localhost' && !hostname.endsWith('.vscode-resource.vscode-cdn.net');
}

/** A page that code-server shows before its service worker answers asks for its files in vain, and is loaded again. That it comes is what every test sees. */
function isOfWebview(text: string, url: string): boolean {
  return text.includes('ERR_NAME_NOT_RESOLVED') && /vscode-resource\.vscode-cdn\.net\/.*\/dist\/webview\//.test(url);
}
