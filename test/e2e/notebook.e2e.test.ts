import { strict as assert } from 'node:assert';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Shown, StoredOutcome } from '../../webview/protocol.ts';
import { writeSlowModel } from '../models/slowModel.ts';
import { describeInWorkbench } from './describeInWorkbench.ts';
import { EditorPage } from './editorPage.ts';
import { complaintsOf, readNotebook, type Notebook } from './nbformat.ts';
import { NotebookPage } from './notebookPage.ts';
import { runTour, savedSoon, untilRun } from './tourRun.ts';
import { root } from './vsix.ts';

const samples = join(root, 'samples');

/** What a code cell shows, as it is saved. */
function outcomes(notebook: Notebook): readonly StoredOutcome[] {
  return notebook.cells.flatMap(({ outputs = [] }) => outputs.map(({ data }) => data?.['application/vnd.difface+json'] as StoredOutcome));
}

function shown<K extends Shown['kind']>(notebook: Notebook, kind: K): readonly (Shown & { readonly kind: K })[] {
  return outcomes(notebook).flatMap((outcome) => outcome.shown.filter((one): one is Shown & { readonly kind: K } => one.kind === kind));
}

describeInWorkbench('the tour, from a fresh profile', { settings: savedSoon }, (here) => {
  let notebook: Notebook;
  let path: string;
  let page: NotebookPage;

  before('runs from top to bottom', async function () {
    this.timeout(260_000);
    ({ notebook, path, page } = await runTour(here.workbench, here.server));
  });

  it('shows before and after, the walk, a grid of three seeds and three etas, and the clips', () => {
    assert.ok(shown(notebook, 'picture')[0]?.before);
    assert.ok(shown(notebook, 'strip')[0]!.steps.length >= 8);
    const [grid] = shown(notebook, 'grid');
    assert.deepEqual([grid!.cells.length, ...grid!.cells.map((row) => row.length)], [3, 3, 3, 3]);
    assert.equal(new Set(grid!.cells.flat().map(({ data }) => data)).size, 9, 'each is another face');
    assert.deepEqual([...grid!.rows, ...grid!.columns].map((label) => label.replace(/\d.*/, '').trim()).sort(), ['eta', 'eta', 'eta', 'seed', 'seed', 'seed']);
    assert.deepEqual(shown(notebook, 'clip').map(({ before, seconds }) => [before !== undefined, Math.round(seconds)]), [[true, 4], [true, 4]]);
  });

  it('measures that shared noise flickers less than independent noise, and plots both', () => {
    const flicker = shown(notebook, 'table').find(({ columns }) => columns.some(({ title }) => title === 'Flicker'))!;
    const column = flicker.columns.findIndex(({ title }) => title === 'Flicker');
    const of = (name: string): number => Number(flicker.rows.find((row) => String(row[0]).includes(name))![column]);
    assert.ok(of('shared') > 0 && of('independent') > of('shared'), `${of('shared')} and ${of('independent')}`);
    const lines = shown(notebook, 'plot').at(-1)!.lines;
    assert.equal(lines.length, 2);
    assert.ok(lines.every(({ values }) => values.filter((value) => value !== null).length > 50));
  });

  it('is saved small, as Jupyter publishes the format, reads well elsewhere, and tells nothing of this machine', async () => {
    await here.workbench.page.waitForTimeout(1000);                     // the last save
    const text = await readFile(path, 'utf8');
    const saved = await readNotebook(path);
    assert.deepEqual(await complaintsOf(saved), []);
    assert.deepEqual([saved.nbformat, saved.nbformat_minor], [4, 5]);
    assert.ok(text.length < 3 * 2 ** 20, `${text.length} bytes`);
    assert.doesNotMatch(text, /difface-e2e-|\/home\/|\/root\//);
    for (const { outputs = [], cell_type: type, execution_count: count } of saved.cells) {
      if (type !== 'code') continue;
      assert.ok(count);
      for (const { data } of outputs) assert.ok(data?.['text/plain'] !== undefined && (data['image/png'] !== undefined || !('image/png' in data)));
    }
    assert.ok(saved.cells.flatMap(({ outputs = [] }) => outputs).filter(({ data }) => data?.['image/png'] !== undefined).length >= 5);
  });

  it('shows it in the editor: the line between before and after moves with a key, and nothing is fetched from elsewhere', async () => {
    await page.goTo(2);                                                   // what is out of sight is hidden
    const outputs = await page.outputs();
    const line = outputs.getByRole('slider', { name: 'Line between original and restored' }).first();
    const before = Number(await line.getAttribute('aria-valuenow'));
    await line.press('ArrowRight');
    await line.and(outputs.locator(`[aria-valuenow="${before + 2}"]`)).waitFor();
    assert.deepEqual(here.workbench.consoleErrors.filter((one) => /Content Security|difface/i.test(one)), []);
    assert.deepEqual(here.workbench.requestsOutside, []);
  });
});

/** A text as notebooks keep it: whole, or line by line. */
function plainText(value: unknown): string {
  return Array.isArray(value) ? (value as readonly string[]).join('') : typeof value === 'string' ? value : '';
}

/** The notebook is there from the start, with other contents: a new file shows in the explorer only when its watcher tells. */
const files = { 'cells.ipynb': join(samples, 'tour.ipynb'), ...Object.fromEntries(['portrait.png', 'clip.mp4', 'clip.truth.mp4'].map((name) => [name, join(samples, name)])) };

describeInWorkbench('cells', { files, settings: savedSoon }, (here) => {
  const path = (): string => join(here.server.workspace, 'cells.ipynb');
  const cell = (id: string, source: string): unknown => ({ cell_type: 'code', id, metadata: {}, execution_count: null, outputs: [], source: [source] });

  async function write(...recipes: readonly string[]): Promise<void> {
    await writeFile(path(), JSON.stringify({
      nbformat: 4, nbformat_minor: 5, metadata: { kernelspec: { name: 'difface', display_name: 'DifFace', language: 'difface' }, language_info: { name: 'difface' } },
      cells: recipes.map((recipe, i) => cell(`cell-${i}`, recipe)),
    }));
  }

  it('that are interrupted end within one step of the diffusion, say so, and leave nothing; none after them runs', async () => {
    await writeSlowModel(join(here.server.workspace, 'slow'));
    await write('restore: portrait.png\nmodel: slow\nsuffix: slow\nsampler: ddim\nstart: 240\nsteps: 240', 'show: portrait.png');
    await here.workbench.explorerItem('cells.ipynb').waitFor();
    const page = await NotebookPage.open(here.workbench, 'cells.ipynb');
    const before = await readdir(here.server.workspace);
    await page.runAll();
    const line = (await page.outputs()).getByText(/step [1-9]\d* of 240/).first();
    await line.waitFor({ timeout: 60_000 });
    const step = async (): Promise<number> => Number(/step (\d+) of/.exec(await line.textContent({ timeout: 200 }).catch(() => null) ?? '')?.[1] ?? -1);
    const shown = await step();
    await until(async () => await step() > shown, 10);
    const last = await step();                                            // it was told this very moment: the step after it is in work
    await page.stop();
    const told: number[] = [];
    await until(async () => {
      told.push(await step());
      return plainText((await readNotebook(path())).cells[0]!.outputs?.at(-1)?.data?.['text/plain']) === 'Cancelled.';
    }, 10);
    assert.ok(last > shown && Math.max(...told) <= last + 1, `interrupted in the step after ${last}, and told of ${told.join(', ')}`);
    assert.deepEqual((await readNotebook(path())).cells[1]!.outputs, []);
    assert.deepEqual(await readdir(here.server.workspace), before, 'nothing is left, hidden files neither');
  });

  it('show clips that play in step, and link files that open', async () => {
    await here.workbench.runCommand('View: Close All Editors');
    await write('show: clip.mp4\nbeside: clip.truth.mp4');
    const page = await NotebookPage.open(here.workbench, 'cells.ipynb');
    await page.runAll();
    const outputs = await page.outputs();
    await outputs.getByRole('button', { name: 'Play' }).click({ timeout: 60_000 });
    const videos = outputs.locator('video');
    const drawn = (): Promise<readonly { readonly at: number; readonly pixels: string }[]> => videos.evaluateAll((all) => all.map((video) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 36 });
      const context = canvas.getContext('2d')!;
      context.drawImage(video as HTMLVideoElement, 0, 0, 64, 36);
      return { at: (video as HTMLVideoElement).currentTime, pixels: context.getImageData(0, 0, 64, 36).data.join() };
    }));
    await until(async () => (await drawn()).every(({ at }) => at > 0.2));
    const early = await drawn();
    await until(async () => (await drawn()).every(({ at }, i) => at > early[i]!.at + 0.5));
    await outputs.getByRole('button', { name: 'Pause' }).click();
    const late = await drawn();
    assert.equal(late.length, 2);
    assert.ok(Math.abs(late[0]!.at - late[1]!.at) < 0.3, `${late[0]!.at} s and ${late[1]!.at} s`);
    assert.equal(new Set([...early, ...late].map(({ pixels }) => pixels)).size, 4, 'both move, and are two clips');
    assert.notEqual(await outputs.getByRole('slider', { name: /^Time in/ }).inputValue(), '0');
    await here.workbench.screenshot('a clip that plays in a cell');
    await outputs.getByRole('button', { name: 'Open clip.mp4 in DifFace' }).click();
    await here.workbench.activeTab('clip.mp4').waitFor();
    await new EditorPage(here.workbench, -1).shown('clip.mp4');
  });

  it('with a mistake say where it is', async () => {
    await here.workbench.runCommand('View: Close All Editors');
    await write('show: portrait.png\nbesid: portrait.restored.png');
    const page = await NotebookPage.open(here.workbench, 'cells.ipynb');
    await page.runAll();
    await until(async () => {
      const output = (await readNotebook(path())).cells[0]!.outputs?.[0];
      return output?.output_type === 'error' && /^line 2, column 1: .*besid/.test(output.evalue ?? '');
    });
    await (await page.outputs()).getByText(/Recipe: line 2, column 1/).first().waitFor();
  });

  it('use what others named, of an earlier session too: a notebook keeps the names in its outputs', async () => {
    await here.workbench.runCommand('View: Close All Editors');
    await write('restore: portrait.png\nas: ada\nsteps: 2', 'show: $ada');
    await (await NotebookPage.open(here.workbench, 'cells.ipynb')).runAll();
    const [restored] = (await untilRun(path(), 60_000)).cells;
    await here.workbench.runCommand('View: Close All Editors');
    const saved = await readNotebook(path());
    await writeFile(path(), JSON.stringify({ ...saved, cells: [cell('first', 'show: $ada'), restored] }));
    await (await NotebookPage.open(here.workbench, 'cells.ipynb')).runAll();
    const { cells } = await untilRun(path(), 60_000, 1);
    assert.deepEqual(cells.map(({ execution_count: count }) => count), [2, 3], 'numbers go on');
  });

  it('of a new notebook begin with the picture of the workspace, and run before it is saved', async () => {
    await here.workbench.runCommand('View: Close All Editors');
    for (const clip of ['clip.mp4', 'clip.truth.mp4']) await rm(join(here.server.workspace, clip), { force: true });   // a notebook begins with the first file
    await here.workbench.runCommand('DifFace: New Notebook');
    const page = new NotebookPage(here.workbench);
    await page.shown();
    await page.runAll();
    await (await page.outputs()).getByRole('slider', { name: 'Line between original and restored' }).waitFor({ timeout: 60_000 });
  });

  /** @throws Error after a minute @param pause milliseconds between two looks */
  async function until(holds: () => Promise<boolean>, pause = 200): Promise<void> {
    const end = Date.now() + 60_000;
    while (!(await holds().catch(() => false))) {
      if (Date.now() > end) throw new Error(`it does not hold: ${(await readFile(path(), 'utf8')).replaceAll(/"[A-Za-z0-9+/=]{200,}"/g, '"..."')}`);
      await here.workbench.page.waitForTimeout(pause);
    }
  }
});
