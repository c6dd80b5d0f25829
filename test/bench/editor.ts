/**
 * How fast the clip editor is, in a real VS Code in a real browser: `npm run bench:editor`. Times are taken inside the page, from what a person does to what is drawn.
 */
import { statSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { launchBrowser } from '../e2e/browser.ts';
import { startCodeServer } from '../e2e/codeServer.ts';
import { EditorPage } from '../e2e/editorPage.ts';
import { vsix, root } from '../e2e/vsix.ts';
import { Workbench } from '../e2e/workbench.ts';
import { editorClips } from './editorClips.ts';

const openings = 10;
const steps = 60;
const seeks = 30;

const { minute, large } = await editorClips();
const server = await startCodeServer({ vsix: await vsix(), files: { 'minute.mp4': minute, 'large.mp4': large, 'clip.mp4': join(root, 'samples', 'clip.mp4') } });
const browser = await launchBrowser();
try {
  const workbench = await Workbench.open(browser, server.workbenchUrl);
  console.log(`load before: ${loadavg()[0]!.toFixed(1)}`);

  const first: number[] = [];
  for (let i = 0; i <= openings; i++) {
    const page = await EditorPage.open(workbench, 'minute.mp4');
    await page.frame.locator('.stage[data-frame="0"]').waitFor();
    const took = await (await workbench.webviewFrame()).evaluate(() => performance.getEntriesByName('difface-first-frame')[0]!.startTime - performance.getEntriesByName('difface-ready')[0]!.startTime);
    if (i > 0) first.push(took);                                        // the first one starts the kernel
    else console.log(`1080p, 60 s: first frame ${took.toFixed(0)} ms after the page is ready, the kernel being started`);
    if (i < openings) await workbench.runCommand('View: Close All Editors');
  }
  print('1080p, 60 s: first frame after the page is ready', first);

  const frame = await workbench.webviewFrame();
  await workbench.page.waitForTimeout(3000);
  print('1080p, 60 s: one frame on', await stepTimes(frame, 'ArrowRight', steps));
  print('1080p, 60 s: one frame back', await stepTimes(frame, 'ArrowLeft', steps));
  print('1080p, 60 s: seek', await seekTimes(frame, seeks));

  await workbench.runCommand('View: Close All Editors');
  const big = await EditorPage.open(workbench, 'large.mp4');
  await big.frame.locator('.stage[data-frame="0"]').waitFor();
  const bigFrame = await workbench.webviewFrame();
  const opened = await bigFrame.evaluate(() => performance.getEntriesByName('difface-first-frame')[0]!.startTime - performance.getEntriesByName('difface-ready')[0]!.startTime);
  console.log(`${(statSync(large).size / 1e9).toFixed(1)} GB: first frame ${opened.toFixed(0)} ms after the page is ready`);
  await big.frame.locator('.transport', { hasText: /frame \d+ \/ \d/ }).waitFor({ timeout: 120_000 });
  print(`${(statSync(large).size / 1e9).toFixed(1)} GB: seek`, await seekTimes(bigFrame, seeks));

  await workbench.runCommand('View: Close All Editors');
  const working = await EditorPage.open(workbench, 'clip.mp4');
  await working.frame.locator('.lane-head').nth(1).waitFor();
  await working.restore();
  await working.waitForStatus(/frame 3 of/);
  const busy = await workbench.webviewFrame();
  print('while faces are restored: a click is handled', await clickTimes(busy, 50));
  print('while faces are restored: one frame on', await stepTimes(busy, 'ArrowRight', 30));
} finally {
  await browser.close();
  await server.stop();
}

function print(what: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(0);
  console.log(`${what}: median ${at(0.5)} ms, 95th percentile ${at(0.95)} ms, worst ${at(1)} ms (${times.length} times)`);
}

/** From the key to the frame on the screen. A person presses a key about ten times a second. */
function stepTimes(frame: Frame, key: string, count: number): Promise<number[]> {
  return frame.evaluate(async ([name, times]) => {
    const stage = document.querySelector<HTMLElement>('.stage')!;
    const playhead = document.querySelector('[aria-label=Playhead]')!;
    const result: number[] = [];
    for (let i = 0; i < times; i++) {
      const began = performance.now();
      stage.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, composed: true }));
      await new Promise(requestAnimationFrame);
      while (stage.dataset['frame'] !== playhead.getAttribute('aria-valuenow')) await new Promise(requestAnimationFrame);
      result.push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return result;
  }, [key, count] as const);
}

/** From a press somewhere on the timeline to the frame on the screen. */
function seekTimes(frame: Frame, count: number): Promise<number[]> {
  return frame.evaluate(async (times) => {
    const stage = document.querySelector<HTMLElement>('.stage')!;
    const playhead = document.querySelector<SVGElement>('[aria-label=Playhead]')!;
    playhead.setPointerCapture = () => undefined;                       // there is no real pointer
    const result: number[] = [];
    for (let i = 0; i < times; i++) {
      const { left, top, width } = playhead.getBoundingClientRect();
      const began = performance.now();
      playhead.dispatchEvent(new PointerEvent('pointerdown', { clientX: left + width * ((i * 0.381966 + 0.1) % 1), clientY: top + 5, bubbles: true, composed: true }));
      playhead.dispatchEvent(new PointerEvent('lostpointercapture'));
      await new Promise(requestAnimationFrame);
      while (stage.dataset['frame'] !== playhead.getAttribute('aria-valuenow')) await new Promise(requestAnimationFrame);
      result.push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
    return result;
  }, count);
}

/** From a click to the page that shows what it did. */
function clickTimes(frame: Frame, count: number): Promise<number[]> {
  return frame.evaluate(async (times) => {
    const button = document.querySelector<HTMLElement>('button[aria-label="Frames around faces"]')!;
    const result: number[] = [];
    for (let i = 0; i < times; i++) {
      const before = button.getAttribute('aria-pressed');
      const began = performance.now();
      button.click();
      while (button.getAttribute('aria-pressed') === before) await new Promise(requestAnimationFrame);
      result.push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return result;
  }, count);
}
