import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { KernelFailure, messageOf } from '../failure.ts';

/** A file as it was when it was looked at: what is kept of it is worthless once it has changed. */
export interface FileIdentity {
  readonly path: string;
  readonly size: number;
  readonly modified: number;
}

/** @throws KernelFailure('input') when it is gone */
export async function fileIdentity(path: string): Promise<FileIdentity> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, size, modified: mtimeMs };
  } catch (error) {
    throw new KernelFailure('input', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** A short name for a plain value: equal values have equal names. */
export function nameOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24);
}
