import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { installCodeServer } from './codeServerInstallation.ts';
import { readConnections, recordConnections, type Connections } from './connections.ts';

export interface CodeServerOptions {
  /** The packed extension to install. */
  readonly vsix: string;
  /** What lies in the workspace folder: name there → file or folder it is copied from. */
  readonly files?: Readonly<Record<string, string>>;
  /** User settings, over those that keep VS Code quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: NodeJS.ProcessEnv;
}

/** A running VS Code with a profile of its own. */
export interface CodeServer {
  readonly url: string;
  /** Address that opens the workspace folder. */
  readonly workbenchUrl: string;
  /** The workspace folder on disk. */
  readonly workspace: string;
  /** The folder of the installed extension. */
  readonly extensionFolder: string;
  /** What the server, the extensions and their processes tried to reach so far. What the browser asks for is in `Workbench.requestsOutside`. */
  connections(): Promise<Connections>;
  /** What the server wrote on its standard output. */
  log(): Promise<string>;
  /** Ends all its processes and removes profile and workspace. */
  stop(): Promise<void>;
}

/** Installs code-server if need be, installs the extension in a fresh profile and serves a workspace with the given files. */
export async function startCodeServer({ vsix, files = {}, settings = {}, env = {} }: CodeServerOptions): Promise<CodeServer> {
  const entry = await installCodeServer();
  const folder = await mkdtemp(join(tmpdir(), 'difface-e2e-'));
  const workspace = join(folder, 'workspace');
  await mkdir(workspace);
  for (const [name, source] of Object.entries(files)) await cp(source, join(workspace, name), { recursive: true });
  await mkdir(join(folder, 'user', 'User'), { recursive: true });
  await writeFile(join(folder, 'user', 'User', 'settings.json'), JSON.stringify({ ...quiet, ...settings }, undefined, 2));
  await writeFile(join(folder, 'config.yaml'), '');

  const profile = ['--config', join(folder, 'config.yaml'), '--user-data-dir', join(folder, 'user'), '--extensions-dir', join(folder, 'extensions')];
  const environment = { ...cleanEnvironment(), ...await recordConnections(folder), ...programs(), DIFFACE_CACHE: join(folder, 'cache'), DIFFACE_WEIGHTS: join(folder, 'weights'), ...env };
  await promisify(execFile)(process.execPath, [entry, ...profile, '--install-extension', vsix], { env: environment });

  const installed = (await readdir(join(folder, 'extensions'))).find((name) => name.startsWith('difface.difface-'));
  if (installed === undefined) throw new Error(`code-server did not install ${vsix}`);

  const port = await freePort();
  const logFile = join(folder, 'server.log');
  const output = openSync(logFile, 'w');
  // A process group of its own: its children end with it.
  const child = spawn(process.execPath, [
    entry, ...profile, '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check', '--disable-workspace-trust',
    '--disable-getting-started-override', '--disable-proxy', '--ignore-last-opened', workspace,
  ], { env: environment, stdio: ['ignore', output, output], detached: true });
  const endWithTests = (): void => {
    killGroup(child.pid!, 'SIGKILL');
  };
  process.once('exit', endWithTests);
  const server: CodeServer = {
    url: `http://127.0.0.1:${port}`,
    workbenchUrl: `http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}`,
    workspace,
    extensionFolder: join(folder, 'extensions', installed),
    connections: () => readConnections(folder),
    log: () => readFile(logFile, 'utf8'),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        killGroup(child.pid!, 'SIGTERM');
        await Promise.race([ended, sleep(5000, undefined, { ref: false })]);
      }
      endWithTests();
      process.off('exit', endWithTests);
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
  try {
    await untilHealthy(server.url, () => child.exitCode !== null);
  } catch (error) {
    const said = await server.log();
    await server.stop();
    throw new Error(`code-server did not start: ${said}`, { cause: error });
  }
  return server;
}

/** Nothing that asks, suggests, updates or fetches; a single click in the explorer selects and opens nothing. */
const quiet = {
  'workbench.list.openMode': 'doubleClick',
  'workbench.startupEditor': 'none', 'workbench.tips.enabled': false, 'workbench.enableExperiments': false, 'workbench.settings.enableNaturalLanguageSearch': false,
  'telemetry.telemetryLevel': 'off', 'update.mode': 'none', 'extensions.autoUpdate': false, 'extensions.autoCheckUpdates': false, 'extensions.ignoreRecommendations': true,
  'git.enabled': false, 'chat.commandCenter.enabled': false, 'npm.fetchOnlinePackageInfo': false, 'typescript.disableAutomaticTypeAcquisition': true, 'json.schemaDownload.enable': false,
};

/** Without what an editor or npm around the test run put there, and without a gallery of extensions. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|CODE_SERVER|npm_|PASSWORD$|HASHED_PASSWORD$|PORT$|NODE_OPTIONS$|DIFFACE_)/.test(name));
  return { ...Object.fromEntries(kept), EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
}

/** An installed extension has no development packages: it is told where theirs are. */
function programs(): NodeJS.ProcessEnv {
  const require = createRequire(import.meta.url);
  const path = (program: string): string => (require(`@${program}-installer/${program}`) as { readonly path: string }).path;
  return { DIFFACE_FFMPEG: path('ffmpeg'), DIFFACE_FFPROBE: path('ffprobe') };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function untilHealthy(url: string, ended: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  for (;;) {
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (ended()) throw new Error('it ended');
    if (Date.now() > end) throw new Error('it did not answer for a minute');
    await sleep(100);
  }
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // nobody left in it
  }
}
