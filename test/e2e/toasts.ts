import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';

/** The notifications of a page, in the order in which they appeared; one whose text changes counts again. */
export interface Toasts {
  readonly all: readonly string[];
  /** Waits for one that matches, shown in the past or to come; returns its text. */
  waitFor(pattern: RegExp, timeout: number): Promise<string>;
}

/** To be called before the page goes anywhere. Locators look too rarely: a short progress message would be missed. */
export async function recordToasts(page: Page): Promise<Toasts> {
  const all: string[] = [];
  await page.exposeFunction('diffaceToast', (text: string) => all.push(text));
  await page.addInitScript(() => {
    if (top !== window) return;
    const said = new WeakMap<Element, string>();
    new MutationObserver(() => {
      for (const element of document.querySelectorAll<HTMLElement>('.notification-toast .notification-list-item-message')) {
        const text = element.innerText.trim();
        if (text === '' || said.get(element) === text) continue;
        said.set(element, text);
        (window as unknown as { diffaceToast(text: string): void }).diffaceToast(text);
      }
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  return {
    all,
    waitFor: async (pattern, timeout) => {
      const end = Date.now() + timeout;
      for (;;) {
        const found = all.find((text) => pattern.test(text));
        if (found !== undefined) return found;
        if (Date.now() > end) throw new Error(`no notification matched ${String(pattern)}; there were: ${all.join(' | ')}`);
        await sleep(50);
      }
    },
  };
}
