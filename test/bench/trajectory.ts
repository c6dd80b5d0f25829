/**
 * How fast the trajectory view goes from step to step, how much its page takes, and how large a walk is on disk: `npm run bench:trajectory`.
 * 100 steps of a face of 512 px, with the sample model's networks at that size: what is in the states does not matter here.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { launchBrowser } from '../e2e/browser.ts';
import { startCodeServer } from '../e2e/codeServer.ts';
import { EditorPage } from '../e2e/editorPage.ts';
import { root, vsix } from '../e2e/vsix.ts';
import { Workbench } from '../e2e/workbench.ts';

const folder = mkdtempSync(join(tmpdir(), 'difface-bench-'));
const model = join(folder, 'large');
cpSync(join(root, 'samples', 'model'), model, { recursive: true });
const description = JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')) as Record<string, unknown>;
writeFileSync(join(model, 'model.json'), JSON.stringify({ ...description, name: 'large', faceSize: 512, defaults: { sampler: 'ddim', start: 100, steps: 100, eta: 0.5 } }));
const cache = join(folder, 'cache');
const server = await startCodeServer({ vsix: await vsix(), files: { 'portrait.png': join(root, 'samples', 'portrait.png') }, settings: { 'difface.model': model }, env: { DIFFACE_CACHE: cache } });
const browser = await launchBrowser();
try {
  const workbench = await Workbench.open(browser, server.workbenchUrl);
  const page = await EditorPage.open(workbench, 'portrait.png');
  await page.faceFrames.nth(1).click();
  console.log(`load before: ${loadavg()[0]!.toFixed(1)}`);
  const before = rendererBytes();
  const began = performance.now();
  await page.press('t');
  await page.frame.locator('vscode-button', { hasText: 'Walk' }).click();
  await page.frame.locator('.scrubber').waitFor({ timeout: 900_000 });
  console.log(`100 steps of 512 px walked and kept in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  const walk = join(cache, 'trajectories');
  console.log(`on disk: ${(bytesBelow(walk) / 1e6).toFixed(1)} MB in ${readdirSync(walk, { recursive: true }).length} files`);
  const frame = await workbench.webviewFrame();
  print('one step back', await stepTimes(frame, 'ArrowLeft', false, 99));
  print('one step on', await stepTimes(frame, 'ArrowRight', false, 99));
  print('ten steps back', await stepTimes(frame, 'ArrowLeft', true, 9));
  print('ten steps on', await stepTimes(frame, 'ArrowRight', true, 9));
  console.log(`renderer processes: ${(before / 1e6).toFixed(0)} MB before the trajectory was opened, ${(rendererBytes() / 1e6).toFixed(0)} MB after all its states were shown (the whole of VS Code's page is in them)`);
} finally {
  await browser.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

function print(what: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(0);
  console.log(`${what}: median ${at(0.5)} ms, 95th percentile ${at(0.95)} ms, worst ${at(1)} ms (${times.length} times)`);
}

/** From the key to the exact states on the screen. A person presses a key about ten times a second. */
function stepTimes(frame: Frame, key: string, shiftKey: boolean, count: number): Promise<number[]> {
  return frame.evaluate(async ([name, shift, times]) => {
    const view = document.querySelector<HTMLElement>('difface-trajectory')!;
    const result: number[] = [];
    for (let i = 0; i < times; i++) {
      const shown = view.dataset['step'];
      const start = performance.now();
      document.querySelector('.scrubber')!.dispatchEvent(new KeyboardEvent('keydown', { key: name, shiftKey: shift, bubbles: true, composed: true }));
      while (view.dataset['step'] === shown && performance.now() - start < 5000) await new Promise(requestAnimationFrame);
      result.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return result;
  }, [key, shiftKey, count] as const);
}

function bytesBelow(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Proportional set size of the browser's renderer processes. */
function rendererBytes(): number {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).reduce((sum, pid) => {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('--type=renderer')) return sum;
      return sum + 1024 * Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1] ?? 0);
    } catch {
      return sum;                                                       // it ended meanwhile
    }
  }, 0);
}
