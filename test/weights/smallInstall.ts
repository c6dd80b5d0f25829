import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installFile, type InstallOptions, type InstallOutcome } from '../../kernel/weights/install.ts';
import type { OfficialFile } from '../../kernel/weights/officialFiles.ts';
import { hasty } from './smallWeights.ts';

/** A connection that is cut may take with it what was on its way: how much of the first bytes arrived is not certain. */
export const resumed = /^bytes=[1-9]\d*-$/;

export function install(entry: OfficialFile, folder: string, mirror: string, changes: Partial<InstallOptions> = {}): Promise<InstallOutcome> {
  return installFile(entry, { folder, network: { mirror }, signal: new AbortController().signal, onProgress: () => undefined, patience: hasty, ...changes });
}

/** The file has its name and its record, and nothing else is there. */
export async function assertWhole(folder: string, content: Buffer): Promise<void> {
  assert.deepEqual((await readdir(folder)).sort(), ['small.pth', 'small.pth.json']);
  assert.ok(content.equals(await readFile(join(folder, 'small.pth'))));
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
