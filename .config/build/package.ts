import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { createVSIX, listFiles } from '@vscode/vsce';

/**
 * Packs dist/ and what it needs as out/difface-<target>-<version>.vsix: `npm run package -- --target win32-x64`.
 * Works in a temporary folder with production packages of its own, taken from the lock file for the target's system; the checkout's node_modules stay as they are.
 * ffmpeg is not packed: its licence and its size are the user's choice.
 */

const root = join(import.meta.dirname, '..', '..');
const targets = ['linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64', 'darwin-arm64'] as const;
type Target = (typeof targets)[number];
const mostBytes = 45 * 2 ** 20;
const run = promisify(execFile);

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { target: { type: 'string', default: `${process.platform}-${process.arch}` } } });
  const target = targets.find((one) => one === values.target);
  if (target === undefined) throw new Error(`there is no package for '${values.target}'; choose one with --target: ${targets.join(', ')}`);
  const staging = await mkdtemp(join(tmpdir(), 'difface-package-'));
  try {
    const version = await stage(target, staging);
    await requireFiles(target, staging);
    await mkdir(join(root, 'out'), { recursive: true });
    const vsix = join(root, 'out', `difface-${target}-${version}.vsix`);
    await createVSIX({ cwd: staging, packagePath: vsix, target, allowMissingRepository: true, rewriteRelativeLinks: false });
    const { size } = await stat(vsix);
    if (size > mostBytes) throw new Error(`${vsix} has ${mebibytes(size)}, more than the ${mebibytes(mostBytes)} a package may have; see what is in it with 'unzip -l' and leave it out in .vscodeignore`);
    console.log(`${vsix}: ${mebibytes(size)}`);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Fills the folder that is packed; .vscodeignore then says which of its files. */
async function stage(target: Target, staging: string): Promise<string> {
  const [os, cpu] = target.split('-') as [string, string];
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<string, unknown> & { readonly version: string };
  for (const path of ['package.json', 'package-lock.json', '.npmrc']) await cp(join(root, path), join(staging, path));
  // As the lock file says, scripts off: ONNX Runtime's would fetch CUDA. npm install would forget the lock file's packages of other systems.
  await run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', `--os=${os}`, `--cpu=${cpu}`, ...(os === 'linux' ? ['--libc=glibc'] : [])], { cwd: staging, shell: process.platform === 'win32' });
  await keepOnnxRuntimeOf(os, cpu, join(staging, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6'));

  for (const path of ['dist', 'media', 'README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore', 'samples/model', 'samples/portrait.png', 'samples/clip.mp4', 'samples/clip.truth.mp4', 'samples/tour.ipynb']) {
    await cp(join(root, path), join(staging, path), { recursive: true }).catch((error: unknown) => {
      if (path !== 'media' || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
  }
  const { scripts: _scripts, devDependencies: _developing, allowScripts: _allowed, ...packed } = manifest;
  await writeFile(join(staging, 'package.json'), JSON.stringify(packed, undefined, 2));
  return manifest.version;
}

/**
 * ONNX Runtime's package holds the libraries of every system, one of macOS's twice, and for Windows 24 MB of shader compiler.
 * Only WebGPU looks for that one, at run time and without insisting; DirectML comes before WebGPU there.
 */
async function keepOnnxRuntimeOf(os: string, cpu: string, folder: string): Promise<void> {
  for (const system of await readdir(folder)) {
    for (const processor of await readdir(join(folder, system))) {
      if (system !== os || processor !== cpu) await rm(join(folder, system, processor), { recursive: true });
    }
  }
  const names = await readdir(join(folder, os, cpu));
  const twice = (name: string): boolean => /^libonnxruntime\.\d+\.\d+\.\d+\.dylib$/.test(name) && names.includes('libonnxruntime.1.dylib');
  for (const name of names) if (twice(name) || name === 'dxcompiler.dll' || name === 'dxil.dll') await rm(join(folder, os, cpu, name));
}

/** What an installed extension was once found not to start without: a forgotten line of .vscodeignore is a failure here, not at the user's. */
async function requireFiles(target: Target, staging: string): Promise<void> {
  const packed = await listFiles({ cwd: staging });
  const needed = [
    'package.json', 'README.md', 'LICENSE', 'dist/extension.cjs', 'dist/kernel.cjs', 'dist/languageServer.cjs', 'dist/inferenceProcess.cjs', 'dist/models/blazeface.onnx',
    'media/language/configuration.json', 'media/language/difface.tmLanguage.json', 'samples/model/model.json', 'samples/portrait.png', 'samples/clip.mp4', 'samples/clip.truth.mp4', 'samples/tour.ipynb', 'dist/webview/renderer.js',
    'node_modules/onnxruntime-node/dist/index.js', 'node_modules/onnxruntime-common/dist/cjs/index.js', 'node_modules/onnxruntime-common/dist/cjs/package.json',
    `node_modules/onnxruntime-node/bin/napi-v6/${target.replace('-', '/')}/onnxruntime_binding.node`,
    'node_modules/sharp/dist/index.cjs', `node_modules/@img/sharp-${target}/package.json`, 'node_modules/@img/colour/index.cjs',
    'node_modules/detect-libc/lib/detect-libc.js', 'node_modules/semver/index.js',
    ...(target.startsWith('win32') ? [] : [`node_modules/@img/sharp-libvips-${target}/package.json`]),
  ];
  const missing = needed.filter((path) => !packed.includes(path));
  if (missing.length > 0) throw new Error(`the package would lack ${missing.join(', ')}; were they built, and does .vscodeignore name them?`);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

try {
  await main();
} catch (error) {
  console.error(`npm run package: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
