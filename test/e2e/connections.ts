import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Environment that makes a process and all its children write down, in `folder`, which hosts they try to reach. */
export async function recordConnections(folder: string): Promise<NodeJS.ProcessEnv> {
  const recorder = join(folder, 'connectionRecorder.cjs');
  await build({ entryPoints: [join(import.meta.dirname, 'connectionRecorder.ts')], outfile: recorder, bundle: true, platform: 'node', format: 'cjs', logLevel: 'warning' });
  return { NODE_OPTIONS: `--require ${recorder}`, DIFFACE_E2E_CONNECTIONS: join(folder, 'connections.txt') };
}

export interface Connections {
  /** Hosts beyond this machine, each with the process that tried: "example.org from kernel.cjs --node-ipc". */
  readonly outside: readonly string[];
  /** The processes that were watched. */
  readonly watched: readonly string[];
}

/** What was written down in `folder` so far. */
export async function readConnections(folder: string): Promise<Connections> {
  const lines = [...new Set((await readFile(join(folder, 'connections.txt'), 'utf8')).split('\n').filter((line) => line !== ''))];
  return {
    outside: lines.filter((line) => !/^(localhost|127\.\S+|::1|0\.0\.0\.0) from /.test(line)),
    watched: [...new Set(lines.map((line) => line.replace(/^\S* from /, '')))],
  };
}
