import { execFileSync } from 'node:child_process';
import type { Context } from 'mocha';
import { isCodeServerInstalled } from './codeServerInstallation.ts';
import { findOnPath } from './findOnPath.ts';

/** What the tests in a real VS Code need beyond Node, npm and git, and what happens where it is missing. */

let announced = false;

/**
 * To be called in a `before` hook: skips the tests where something is missing, saying once what to install.
 * @throws Error instead of skipping when CI is set: a test that never runs there protects nobody
 */
export function requireHost(test: Context): void {
  const missing = missingPrograms();
  if (missing.length === 0) return;
  const reason = `the tests in a real VS Code need ${missing.join(', ')}; on Debian: apt-get install ripgrep chromium python3 make g++`;
  if (process.env['CI'] !== undefined && process.env['CI'] !== '' && process.env['CI'] !== 'false') throw new Error(reason);
  if (!announced) console.log(`  skipped: ${reason}`);
  announced = true;
  test.skip();
}

/** Path of the Chromium to test with. */
export function chromiumPath(): string {
  const path = findChromium();
  if (path === undefined) throw new Error('Chromium was not found on the PATH');
  return path;
}

function missingPrograms(): readonly string[] {
  if (process.platform === 'win32') return ['Linux or macOS'];
  const missing: string[] = [];
  if (findOnPath('rg') === undefined) missing.push('ripgrep (rg)');
  if (findChromium() === undefined) missing.push('Chromium');
  // Only the first run compiles the native parts of code-server.
  if (!isCodeServerInstalled()) for (const tool of ['python3', 'make', 'c++']) if (findOnPath(tool) === undefined) missing.push(tool);
  return missing;
}

function findChromium(): string | undefined {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const path = findOnPath(name);
    if (path !== undefined && runs(path)) return path;
  }
  return undefined;
}

/** Ubuntu's chromium-browser may be a stub that only says where the real one is. */
function runs(path: string): boolean {
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
