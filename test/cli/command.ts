import { strict as assert } from 'node:assert';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');
/** The bundled command line. */
export const cli = join(root, 'dist', 'cli.cjs');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly onStart?: (child: ChildProcess) => void;
  /** Called with everything said on stderr so far, each time something is said. */
  readonly onStderr?: (said: string, child: ChildProcess) => void;
}

/** Runs the bundled command line as a person would. */
export async function difface(args: readonly string[], { env = {}, onStart, onStderr }: CommandOptions = {}): Promise<Outcome> {
  assert.ok(existsSync(cli), 'dist/cli.cjs is missing: npm run build');
  const child = spawn(process.execPath, [cli, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  onStart?.(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    onStderr?.(stderr, child);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, stdout, stderr };
}

/** Runs `use` in a folder of its own, gone afterwards. */
export async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'difface-cli-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Names of all files below a folder, hidden ones too. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name).sort();
}

/** What a person was told is one sentence or two, and no stack. */
export function assertClear(said: string, ...parts: readonly (string | RegExp)[]): void {
  assert.doesNotMatch(said, /\n\s+at |unforeseen|Error:/);
  for (const part of parts) assert.match(said, typeof part === 'string' ? new RegExp(part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : part);
}
