/** Tells when VS Code has changed the colours of the page. */
export class ThemeWatch {
  private readonly observer: MutationObserver;

  constructor(onChange: () => void) {
    this.observer = new MutationObserver(onChange);
    this.observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
    this.observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-kind'] });
  }

  dispose(): void {
    this.observer.disconnect();
  }
}

/** Whether the page is darker than what is written on it. */
export function pageIsDark(): boolean {
  const [red, green, blue] = (/\d+(\.\d+)?/g[Symbol.match](getComputedStyle(document.body).backgroundColor) ?? ['0', '0', '0']).map(Number);
  return 0.299 * red! + 0.587 * green! + 0.114 * blue! < 128;
}
