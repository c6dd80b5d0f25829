import { strict as assert } from 'node:assert';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { launchBrowser } from './browser.ts';
import { requireHost } from './requirements.ts';
import { root } from './vsix.ts';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** The theme's variables as far as outputs use them, of VS Code's own dark and light themes. */
const themes = {
  dark: '--vscode-foreground:#cccccc;--vscode-descriptionForeground:#9d9d9d;--vscode-editor-background:#1f1f1f;--vscode-focusBorder:#0078d4;--vscode-textLink-foreground:#4daafc;--vscode-panel-border:#2b2b2b;--vscode-charts-blue:#3794ff;--vscode-charts-orange:#d18616;--vscode-editorWidget-background:#202020',
  light: '--vscode-foreground:#3b3b3b;--vscode-descriptionForeground:#3b3b3b;--vscode-editor-background:#ffffff;--vscode-focusBorder:#005fb8;--vscode-textLink-foreground:#005fb8;--vscode-panel-border:#e5e5e5;--vscode-charts-blue:#1a85ff;--vscode-charts-orange:#d18616;--vscode-editorWidget-background:#f8f8f8',
} as const;

async function embedded(width: number, height: number, red: number): Promise<unknown> {
  const png = await sharp({ create: { width, height, channels: 3, background: { r: red, g: 90, b: 120 } } }).png().toBuffer();
  return { mime: 'image/png', data: png.toString('base64'), width, height };
}

async function outcome(): Promise<Readonly<Record<string, unknown>>> {
  const cells = await Promise.all([0, 1, 2].map((r) => Promise.all([0, 1, 2].map((c) => embedded(128, 128, 60 + 60 * r + 10 * c)))));
  const [after, before] = await Promise.all([embedded(400, 300, 200), embedded(400, 300, 20)]);
  const steps = cells.flat().map((picture, i) => ({ t: 900 - 100 * i, xT: picture, predX0: cells[0]![0] }));
  return {
    version: 1, kind: 'compare', notes: ['A note.'], links: [{ title: 'a.restored.png', path: 'out/a.restored.png' }, { title: 'Lockfile', path: 'out/a.restored.difface' }],
    shown: [
      { kind: 'picture', title: 'The picture', after, before, text: 'the picture in words' },
      { kind: 'strip', title: 'The walk', steps, text: 'the walk in words' },
      { kind: 'grid', title: 'The grid', rows: ['seed 1', 'seed 2', 'seed 3'], columns: ['eta 0', 'eta 0.5', 'eta 1'], cells, text: 'the grid in words' },
      { kind: 'table', title: 'The table', columns: [{ title: 'File' }, { title: 'PSNR', unit: 'dB' }], rows: [['a.png', 31.42], ['b.png', null]], text: 'the table in words' },
      { kind: 'plot', title: 'The plot', x: { title: 'frame', values: [1, 2, 3] }, y: { title: 'flicker' }, lines: [{ title: 'shared', values: [1, null, 2] }, { title: 'independent', values: [3, 4, 3.5] }], text: 'the plot in words' },
      { kind: 'hologram', title: '', text: 'a hologram in words' },
    ],
  };
}

describe('the renderer of outputs, in a browser', () => {
  let browser: Browser | undefined;
  let page: Page;
  const thrown: string[] = [];

  before(async function () {
    requireHost(this);
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 900, height: 1500 } });
    await page.addInitScript('globalThis.__name = (named) => named'); // what tsx wraps functions in
    page.on('pageerror', (error) => thrown.push(error.message));
    await show(await outcome(), 'dark');
  });

  after(async () => {
    await browser?.close();
  });

  /** As VS Code calls a renderer. */
  async function show(json: unknown, theme: keyof typeof themes, messaging = true): Promise<void> {
    const script = await readFile(join(root, 'dist', 'webview', 'renderer.js'), 'utf8');
    await page.goto('about:blank');
    await page.setContent(`<!DOCTYPE html><html lang="en" style="${themes[theme]}"><head><title>Outputs</title></head><body style="background: var(--vscode-editor-background); --vscode-font-family: sans-serif"><main id="output"></main></body></html>`);
    await page.evaluate(async ([source, value, talks]) => {
      const { activate } = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))) as { readonly activate: (context: unknown) => { renderOutputItem(item: unknown, element: Element): void } };
      const asked: unknown[] = [];
      Object.assign(window, { asked });
      activate(talks ? { postMessage: (message: unknown) => asked.push(message) } : {}).renderOutputItem({ id: '1', json: () => value }, document.querySelector('#output')!);
    }, [script, json, messaging] as const);
  }

  const line = () => page.getByRole('slider', { name: 'Line between original and restored' });

  it('shows every part: the line moves by keys and by dragging', async () => {
    assert.equal(await line().getAttribute('aria-valuenow'), '50');
    await line().focus();
    await page.keyboard.press('ArrowRight');
    assert.equal(await line().getAttribute('aria-valuenow'), '52');
    const box = (await line().boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 - 100, box.y + 20, { steps: 4 });
    await page.mouse.up();
    assert.equal(await line().getAttribute('aria-valuenow'), '27');
    assert.match(await page.locator('.before').getAttribute('style') ?? '', /clip-path: inset\(0px 73%/);
  });

  it('goes through the states of a walk', async () => {
    const step = page.getByRole('slider', { name: 'State' });
    assert.equal(await step.getAttribute('aria-valuetext'), 'state 9 of 9, t = 100');
    await step.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    assert.equal(await step.getAttribute('aria-valuetext'), 'state 2 of 9, t = 800');
    await page.locator('.film-cell').nth(4).click();
    assert.equal(await step.getAttribute('aria-valuetext'), 'state 5 of 9, t = 500');
    await page.getByRole('img', { name: 'x_t at state 5 of 9, t = 500' }).waitFor();
  });

  it('enlarges one of a grid, which is gone through by arrow keys', async () => {
    await page.getByRole('button', { name: 'seed 1, eta 0', exact: true }).focus();
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowUp', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    assert.equal(await page.locator('.enlarged .label').textContent(), 'seed 2, eta 0.5');
    await page.keyboard.press('Enter');
    await page.locator('.enlarged').waitFor({ state: 'hidden' });
  });

  it('writes figures with their units, draws both lines, and says in words what it does not know', async () => {
    assert.deepEqual(await page.locator('table.figures tr').allInnerTexts(), ['File\tPSNR dB', 'a.png\t31.42', 'b.png\t–']);
    assert.deepEqual((await page.locator('.legend .legend > span').allInnerTexts()).map((text) => text.trim()), ['shared', 'independent']);
    assert.ok(await page.locator('.plot-room canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let drawn = 0;
      for (let i = 3; i < data.length; i += 4) if (data[i]! > 0) drawn++;
      return drawn;
    }) > 500);
    await page.getByText('a hologram in words').waitFor();
  });

  it('asks for the files that are linked', async () => {
    await page.getByRole('button', { name: 'Open a.restored.png in DifFace' }).click();
    await page.getByRole('button', { name: 'Lockfile' }).click();
    assert.deepEqual(await page.evaluate(() => (window as unknown as { asked: unknown }).asked), [{ kind: 'open', path: 'out/a.restored.png' }, { kind: 'open', path: 'out/a.restored.difface' }]);
  });

  for (const theme of ['dark', 'light'] as const) {
    it(`is for everybody, on ${theme} pages: axe-core finds nothing serious`, async () => {
      await show(await outcome(), theme);
      await line().waitFor();
      await page.waitForTimeout(300);
      await mkdir(join(root, 'out', 'e2e'), { recursive: true });
      await page.screenshot({ path: join(root, 'out', 'e2e', `renderer-${theme}.png`), fullPage: true });
      await page.addScriptTag({ path: axe });
      const violations = await page.evaluate(async () => (await (window as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { failureSummary?: string }[] }[] }> } }).axe.run()).violations);
      assert.deepEqual(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes.map(({ failureSummary }) => failureSummary).join('; ')}`), []);
    });
  }

  it('names files where nobody can open them', async () => {
    await show(await outcome(), 'dark', false);
    await page.getByText('Lockfile: out/a.restored.difface').waitFor();
  });

  it('says in one line what it cannot read, and throws nothing', async () => {
    for (const [json, said] of [[{ version: 2 }, /newer version/], [null, /no output of DifFace/], [[1], /no output of DifFace/]] as const) {
      await show(json, 'dark');
      await page.getByText(said).waitFor();
    }
    assert.deepEqual(thrown, []);
  });
});
