import type { Browser } from 'playwright-core';
import { startCodeServer, type CodeServer, type CodeServerOptions } from './codeServer.ts';
import { launchBrowser } from './browser.ts';
import { requireHost } from './requirements.ts';
import { vsix } from './vsix.ts';
import { Workbench } from './workbench.ts';

/** What the tests of one `describeInWorkbench` work with; to be read inside of `it` and hooks only. */
export interface Here {
  readonly server: CodeServer;
  readonly workbench: Workbench;
}

/**
 * A mocha suite in a VS Code of its own: the installed .vsix, a fresh profile, a workspace with the given files, one open page for all its tests.
 * Where a test fails, a picture of the page is in out/e2e.
 */
export function describeInWorkbench(title: string, options: Omit<CodeServerOptions, 'vsix'>, tests: (here: Here) => void): void {
  describe(title, () => {
    let server: CodeServer | undefined;
    let browser: Browser | undefined;
    let workbench: Workbench | undefined;

    before('a VS Code with the extension installed', async function () {
      this.timeout(900_000); // the first run installs code-server
      requireHost(this);
      server = await startCodeServer({ ...options, vsix: await vsix() });
      browser = await launchBrowser();
      workbench = await Workbench.open(browser, server.workbenchUrl);
    });

    afterEach(async function () {
      if (this.currentTest?.state === 'failed' && workbench) console.log(`      picture: ${await workbench.screenshot(this.currentTest.fullTitle())}`);
    });

    after(async () => {
      await browser?.close();
      await server?.stop();
    });

    tests({
      get server() {
        return started(server);
      },
      get workbench() {
        return started(workbench);
      },
    });
  });
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('VS Code runs inside of tests and hooks only');
  return value;
}
