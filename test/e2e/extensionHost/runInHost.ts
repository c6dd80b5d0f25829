import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { launchBrowser } from '../browser.ts';
import { startCodeServer, type CodeServerOptions } from '../codeServer.ts';
import type { HostTestResult } from './hostTestResult.ts';

/** Runs every *.host.ts of this folder inside the extension host of a VS Code with the .vsix installed; returns how each test went. */
export async function runInHost(options: CodeServerOptions, timeout = 300_000): Promise<readonly HostTestResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'difface-host-'));
  const results = join(folder, 'results.jsonl');
  try {
    await bundle(folder);
    const mocha = createRequire(import.meta.url).resolve('mocha');
    const server = await startCodeServer({ ...options, env: { ...options.env, DIFFACE_E2E_RESULTS: results, DIFFACE_E2E_MOCHA: pathToFileURL(mocha).href } });
    try {
      await untilEnded(server.url, server.workbenchUrl, folder, timeout);
    } finally {
      await server.stop();
    }
    if (!existsSync(results)) throw new Error('the extension host ended before a test did');
    return (await readFile(results, 'utf8')).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as HostTestResult);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An extension under development that holds nothing but the tests; the product itself is the installed one. */
async function bundle(folder: string): Promise<void> {
  const here = import.meta.dirname;
  const files = (await readdir(here)).filter((name) => name.endsWith('.host.ts'));
  await build({
    entryPoints: Object.fromEntries([['run', join(here, 'run.ts')], ...files.map((name) => [basename(name, '.ts'), join(here, name)] as const)]),
    outdir: folder, outExtension: { '.js': '.cjs' }, bundle: true, platform: 'node', format: 'cjs', target: 'node20', external: ['vscode'], logLevel: 'warning',
  });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'difface-host-tests', publisher: 'difface', version: '0.0.0', engines: { vscode: '^1.100.0' } }));
}

/** Opens the workbench the way VS Code's own test runner does and waits for it to say that the tests have run. */
async function untilEnded(url: string, workbenchUrl: string, folder: string, timeout: number): Promise<void> {
  const remote = (path: string): string => `vscode-remote://${new URL(url).host}${path}`;
  const payload = [['extensionDevelopmentPath', remote(folder)], ['extensionTestsPath', remote(join(folder, 'run.cjs'))], ['skipWelcome', 'true']];
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    let timer: NodeJS.Timeout | undefined;
    const ended = new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`the tests in the extension host did not end within ${timeout / 1000} s`));
      }, timeout);
      void page.exposeFunction('codeAutomationLog', (type: string, args: readonly unknown[]) => {
        if (type === 'error') console.log('      extension host:', ...args);
      });
      void page.exposeFunction('codeAutomationExit', () => {
        resolve();
      }).then(() => page.goto(`${workbenchUrl}&payload=${encodeURIComponent(JSON.stringify(payload))}`)).catch(reject);
    });
    await ended.finally(() => {
      clearTimeout(timer);
    });
  } finally {
    await browser.close();
  }
}
