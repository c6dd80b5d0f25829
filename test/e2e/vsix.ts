import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const root = join(import.meta.dirname, '..', '..');

let built: Promise<string> | undefined;

/** Builds and packs the extension for this platform, once per test run; returns the path of the .vsix. `DIFFACE_E2E_VSIX` names one that is packed already. */
export function vsix(): Promise<string> {
  const given = process.env['DIFFACE_E2E_VSIX'];
  built ??= given === undefined || given === '' ? pack() : Promise.resolve(given);
  return built;
}

async function pack(): Promise<string> {
  console.log('  packing the extension');
  const target = `${process.platform}-${process.arch}`;
  await promisify(execFile)('npm', ['run', '-s', 'package', '--', '--target', target], { cwd: root, maxBuffer: 1 << 26 });
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  return join(root, 'out', `difface-${target}-${version}.vsix`);
}
