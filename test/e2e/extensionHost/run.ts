import { appendFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type MochaType from 'mocha';
import type { HostTestResult } from './hostTestResult.ts';

/**
 * What VS Code calls inside of the extension host (`extensionTestsPath`): runs the bundled tests beside this file with the checkout's mocha
 * and writes each result as a line of JSON as soon as it is known, so that a crash of the host does not hide the tests before it.
 */
export async function run(): Promise<void> {
  const results = required('DIFFACE_E2E_RESULTS');
  const { default: Mocha } = await import(required('DIFFACE_E2E_MOCHA')) as { readonly default: typeof MochaType };
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000 });
  for (const name of (await readdir(__dirname)).filter((file) => file.endsWith('.host.cjs')).sort()) {
    const path = join(__dirname, name);
    mocha.suite.emit('pre-require', globalThis, path, mocha);
    createRequire(__filename)(path);
  }
  const write = (result: HostTestResult): void => {
    appendFileSync(results, `${JSON.stringify(result)}\n`);
  };
  await new Promise<void>((resolve) => {
    mocha.run(() => {
      resolve();
    }).on('pass', (test) => {
      write({ title: test.titlePath(), state: 'passed' });
    }).on('pending', (test) => {
      write({ title: test.titlePath(), state: 'skipped' });
    }).on('fail', (test, error: unknown) => {
      write({ title: test.titlePath(), state: 'failed', error: error instanceof Error ? error.stack ?? error.message : String(error) });
    });
  });
  write({ title: [], state: 'ended' });
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}
