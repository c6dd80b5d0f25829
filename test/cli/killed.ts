import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cli } from './command.ts';

/** Runs the command until a file or folder that is not empty appears in a folder under a name that passes, and kills it then. */
export async function killedWhen(args: readonly string[], env: NodeJS.ProcessEnv, folder: string, appears: (name: string) => boolean): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    const name = (await readdir(folder).catch(() => [])).find(appears);
    return name !== undefined && await stat(join(folder, name)).then(({ size }) => size > 0, () => false);
  };
  const child = spawn(process.execPath, [cli, ...args], { env: { ...process.env, ...env }, stdio: 'ignore' });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_, signal) => { resolve(signal); }));
  while (child.exitCode === null && !(await isThere())) await sleep(2);
  child.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL');
  assert.ok(await isThere(), 'the process was faster than the one that kills it');
}
