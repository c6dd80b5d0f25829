import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Process id of the kernel that belongs to the VS Code of a workspace. */
export function kernelOf(workspace: string): number {
  const home = join(workspace, '..');
  for (const pid of execFileSync('pgrep', ['-f', 'dist/kernel.cjs']).toString().trim().split('\n').map(Number)) {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(home)) return pid;
  }
  throw new Error('no kernel runs');
}
