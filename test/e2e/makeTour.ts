/** Runs samples/tour.ipynb in a VS Code of its own and keeps it with its outputs: `npm run tour`. Look at it before it is committed. */
import { copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { launchBrowser } from './browser.ts';
import { startCodeServer } from './codeServer.ts';
import { runTour, savedSoon } from './tourRun.ts';
import { root, vsix } from './vsix.ts';
import { Workbench } from './workbench.ts';

const server = await startCodeServer({ vsix: await vsix(), settings: savedSoon });
const browser = await launchBrowser();
try {
  const workbench = await Workbench.open(browser, server.workbenchUrl);
  const began = Date.now();
  const { path } = await runTour(workbench, server);
  await workbench.page.waitForTimeout(1500);
  const target = join(root, 'samples', 'tour.ipynb');
  await copyFile(path, target);
  console.log(`${target}: ${((await stat(target)).size / 2 ** 20).toFixed(2)} MiB, run in ${((Date.now() - began) / 1000).toFixed(0)} s`);
} finally {
  await browser.close();
  await server.stop();
}
