import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CodeServer } from './codeServer.ts';
import { readNotebook, type Notebook } from './nbformat.ts';
import { NotebookPage } from './notebookPage.ts';
import type { Workbench } from './workbench.ts';

/** So that what a notebook holds can be read from its file. */
export const savedSoon = { 'files.autoSave': 'afterDelay', 'files.autoSaveDelay': 400 } as const;

/** Opens the tour as the walkthrough does, and runs it from top to bottom. */
export async function runTour(workbench: Workbench, server: CodeServer): Promise<{ readonly page: NotebookPage; readonly path: string; readonly notebook: Notebook }> {
  await workbench.runCommand('DifFace: Open the Tour');
  const page = new NotebookPage(workbench);
  await page.shown();
  const path = await tourCopy(server);
  const shipped = Math.max(...(await readNotebook(path)).cells.map(({ execution_count: count }) => count ?? 0));
  await page.runAll();
  return { page, path, notebook: await untilRun(path, 240_000, shipped) };
}

/** Where the extension keeps its copy: in the profile, beside the workspace. */
async function tourCopy(server: CodeServer): Promise<string> {
  const profile = dirname(server.workspace);
  const found = (await readdir(join(profile, 'user'), { recursive: true })).find((name) => name.endsWith(join('tour', 'tour.ipynb')));
  if (found === undefined) throw new Error('the tour was not copied');
  return join(profile, 'user', found);
}

/**
 * Waits until every code cell of a saved notebook has come to its end.
 * @param before the last execution whose outputs do not count
 * @throws Error with what a cell says that failed
 */
export async function untilRun(path: string, timeout: number, before = 0): Promise<Notebook> {
  const end = Date.now() + timeout;
  for (;;) {
    const notebook = await readNotebook(path).catch(() => undefined);  // it is being written
    const code = notebook?.cells.filter(({ cell_type: type }) => type === 'code') ?? [];
    const outputs = code.map(({ outputs: of = [] }) => of.at(-1));
    const failed = outputs.find((output) => output?.output_type === 'error');
    if (failed) throw new Error(`a cell failed: ${failed.evalue ?? ''}`);
    if (notebook && code.length > 0 && code.every(({ execution_count: count }) => (count ?? 0) > before) && outputs.every((output) => output?.data?.['application/vnd.difface+json'] !== undefined)) return notebook;
    if (Date.now() > end) throw new Error(`the cells did not end: ${outputs.map((output) => JSON.stringify(output?.data?.['text/plain'] ?? null)).join('; ')}`);
    await sleep(300);
  }
}
