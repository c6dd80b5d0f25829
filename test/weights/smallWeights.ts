import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KernelFailure } from '../../kernel/failure.ts';
import { layoutOf } from '../../kernel/weights/layout.ts';
import type { OfficialFile } from '../../kernel/weights/officialFiles.ts';
import type { Patience } from '../../kernel/weights/persistence.ts';
import type { TensorSpec } from '../models/officialKeys.ts';
import { writeRandomCheckpoint } from '../models/randomCheckpoint.ts';

const tensors: readonly TensorSpec[] = Array.from({ length: 12 }, (_, i) => ({ key: `body.${i}.weight`, shape: [32, 16, 3, 3 + i % 2], dtype: 'float32' as const, buffer: false }));

export const layout = layoutOf(new Map(tensors.map(({ key, shape, dtype }) => [key, { shape, dtype }])));

/** A checkpoint of some 280 kB, and the catalog's entry that belongs to it. */
export interface SmallWeights {
  readonly content: Buffer;
  readonly entry: (changes?: Partial<OfficialFile>) => OfficialFile;
}

export async function smallWeights(folder: string, seed = 1): Promise<SmallWeights> {
  const path = join(folder, `small-${seed}.pth`);
  await writeRandomCheckpoint(path, tensors, seed);
  const content = await readFile(path);
  await rm(path);
  return {
    content,
    entry: (changes) => ({
      file: 'small.pth', id: 'small', title: 'A small network', purpose: 'being small', address: 'http://127.0.0.1:9/small.pth', licence: 'mit', network: 'retinaface',
      size: { bytes: content.length, exact: false }, layout, ...changes,
    }),
  };
}

/** Does not wait long: servers on this machine answer at once. */
export const hasty: Patience = { waits: [0.01, 0.01, 0.01], silence: { connect: 2000, answer: 2000, body: 400 } };

/** For assert.rejects: a failure of the kind whose message says all of this. */
export function failure(kind: KernelFailure['kind'], ...says: readonly RegExp[]): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof KernelFailure)) throw error;
    if (error.kind !== kind || !says.every((pattern) => pattern.test(error.message))) throw new Error(`${error.kind}: ${error.message}`, { cause: error });
    return true;
  };
}
