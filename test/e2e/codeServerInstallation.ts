import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath } from './findOnPath.ts';

/**
 * code-server, VS Code 1.100.3 served to a browser, in a cache folder outside the checkout: `DIFFACE_E2E_CACHE`, or ~/.cache/difface-e2e.
 * Its own postinstall script downloads and compiles more than is needed and refuses to run offline; its steps are done one by one here.
 */

const version = '4.100.3';
const run = promisify(execFile);
// The native parts fit one Node ABI.
const folder = join(process.env['DIFFACE_E2E_CACHE'] ?? join(homedir(), '.cache', 'difface-e2e'), `code-server-${version}-abi${process.versions.modules}`);
const ripgrep = join('node_modules', 'code-server', 'lib', 'vscode', 'node_modules', '@vscode', 'ripgrep', 'bin', 'rg');

export function isCodeServerInstalled(): boolean {
  return existsSync(folder);
}

/** Installs code-server unless it is there; returns the path of its entry script. Some minutes the first time. */
export async function installCodeServer(): Promise<string> {
  if (!isCodeServerInstalled()) {
    // Under another name until it is complete: an interrupted installation is never taken for a whole one.
    await removeUnfinished();
    const unfinished = `${folder}.${process.pid}.unfinished`;
    try {
      await install(unfinished);
      await rename(unfinished, folder).catch((error: unknown) => {
        if (!isCodeServerInstalled()) throw error; // else another run was faster
      });
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }
  if (!existsSync(join(folder, ripgrep))) await linkRipgrep(folder);
  return join(folder, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
}

/** What runs that were killed have left. */
async function removeUnfinished(): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  for (const name of await readdir(dirname(folder))) {
    const pid = /\.(\d+)\.unfinished$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function install(target: string): Promise<void> {
  const say = (step: string): void => {
    console.log(`  code-server ${version}: ${step}`);
  };
  say(`installing into ${folder}, once; about 400 MB and some minutes`);
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'package.json'), JSON.stringify({ name: 'difface-e2e-host', private: true, dependencies: { 'code-server': version } }));
  await npmInstall(target);

  say('the packages of VS Code');
  const vscode = join(target, 'node_modules', 'code-server', 'lib', 'vscode');
  await npmInstall(vscode);
  await npmInstall(join(vscode, 'extensions'));

  const gyp = await nodeGyp();
  const headers = nodeHeaders();
  say('compiling argon2');
  await run(process.execPath, [join(target, 'node_modules', '@mapbox', 'node-pre-gyp', 'bin', 'node-pre-gyp'), 'rebuild', '--build-from-source', ...headers], {
    cwd: join(target, 'node_modules', 'argon2'), env: { ...process.env, npm_config_node_gyp: gyp }, maxBuffer: 1 << 26,
  });
  for (const module of ['node-pty', '@vscode/spdlog', 'native-watchdog']) {
    say(`compiling ${module}`);
    await run(process.execPath, [gyp, 'rebuild', ...headers], { cwd: join(vscode, 'node_modules', module), maxBuffer: 1 << 26 });
  }

  const system = process.platform === 'darwin' ? 'darwin' : 'linux';
  await replaceByLink('node_modules', join(vscode, 'node_modules.asar'));
  await replaceByLink(`code-${system}.sh`, join(vscode, 'bin', 'remote-cli', 'code-server'));
  await replaceByLink(`browser-${system}.sh`, join(vscode, 'bin', 'helpers', 'browser.sh'));
  await linkRipgrep(target);
  await run(process.execPath, [join(target, 'node_modules', 'code-server', 'out', 'node', 'entry.js'), '--version']);
  say('installed');
}

/** Not `npm ci`: the shrinkwrap files of this version do not fit its manifests. */
async function npmInstall(cwd: string): Promise<void> {
  await run('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--prefer-offline'], { cwd, maxBuffer: 1 << 26 });
}

/** The node-gyp that npm brings. */
async function nodeGyp(): Promise<string> {
  const { stdout } = await run('npm', ['root', '-g']);
  const places = [process.env['npm_config_node_gyp'], join(stdout.trim(), 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js')];
  const path = places.find((place) => place !== undefined && existsSync(place));
  if (path === undefined) throw new Error(`node-gyp was not found in npm's own folder (${places.join(', ')})`);
  return path;
}

/** Node's headers where they lie beside it; else node-gyp downloads them. */
function nodeHeaders(): readonly string[] {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? [`--nodedir=${prefix}`] : [];
}

/** VS Code looks for files with the ripgrep of its own packages, which is downloaded; the system's does the same. */
async function linkRipgrep(target: string): Promise<void> {
  const program = findOnPath('rg');
  if (program === undefined) throw new Error('ripgrep (rg) was not found on the PATH');
  await mkdir(dirname(join(target, ripgrep)), { recursive: true });
  await replaceByLink(program, join(target, ripgrep));
}

async function replaceByLink(source: string, link: string): Promise<void> {
  await rm(link, { recursive: true, force: true });
  await symlink(source, link);
}
