import { readdir } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { requests } from '../kernel/protocol.ts';
import type { KernelClient } from './kernelClient.ts';

/** The original that the lockfile beside a result names. The kernel is not asked where there is no such file. */
export async function recordedOriginal(result: string, kernel: KernelClient): Promise<string | undefined> {
  if (!mayHaveLockfile(result, await readdir(dirname(result)).catch(() => []))) return undefined;
  return (await kernel.request(requests.madeBy, { path: result, verify: false }).catch(() => null))?.original ?? undefined;
}

/** Lockfiles bear the name of their result, or a numbered one where that was taken. @param names of the files beside it */
export function mayHaveLockfile(result: string, names: readonly string[]): boolean {
  const stem = basename(result, extname(result)).replace(/-\d+$/, '');
  return names.some((name) => name.endsWith('.difface') && name.startsWith(stem));
}
