/** Runs samples/tour.ipynb in a VS Code of its own and keeps it with its outputs, and the walkthrough's picture of it: `npm run tour`. Look at both before they are committed. */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { launchBrowser } from './browser.ts';
import { startCodeServer } from './codeServer.ts';
import { readNotebook } from './nbformat.ts';
import { runTour, savedSoon } from './tourRun.ts';
import { root, vsix } from './vsix.ts';
import { Workbench } from './workbench.ts';

const server = await startCodeServer({ vsix: await vsix(), settings: savedSoon });
const browser = await launchBrowser();
try {
  const workbench = await Workbench.open(browser, server.workbenchUrl);
  await workbench.changeColorTheme('Dark Modern');
  await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  const began = Date.now();
  const { path, page } = await runTour(workbench, server);
  const seconds = (Date.now() - began) / 1000;
  await workbench.page.waitForTimeout(1500);
  const target = join(root, 'samples', 'tour.ipynb');
  const notebook = await readNotebook(path);
  let executions = 0;
  const cells = notebook.cells.map((cell) => (cell.cell_type === 'code' ? { ...cell, execution_count: ++executions } : cell));
  await writeFile(target, `${JSON.stringify({ ...notebook, cells }, undefined, 1)}\n`);
  console.log(`${target}: ${((await stat(target)).size / 2 ** 20).toFixed(2)} MiB, run in ${seconds.toFixed(0)} s`);
  await page.goTo(2);
  await workbench.page.mouse.move(1200, 600);                            // no tooltip
  await workbench.page.waitForTimeout(1500);
  await sharp(await workbench.page.screenshot()).png({ palette: true, quality: 92, effort: 10 }).toFile(join(root, 'media', 'walkthrough', 'notebook.png'));
} finally {
  await browser.close();
  await server.stop();
}
