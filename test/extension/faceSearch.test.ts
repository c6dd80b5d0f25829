import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { RequestFailure, isCancelled } from '../../extension/failures.ts';
import { FaceSearch } from '../../extension/faceSearch.ts';
import type { KernelClient } from '../../extension/kernelClient.ts';
import type { KernelView } from '../../extension/kernelView.ts';
import type { FoundFace, JobProgress } from '../../kernel/protocol.ts';

interface Asked {
  readonly job: string;
  readonly answer: (faces: readonly FoundFace[]) => void;
}

/** A kernel that answers when it is told to. */
function searchOf() {
  const asked: Asked[] = [];
  const told: number[] = [];
  const listeners = new Set<(progress: JobProgress) => void>();
  const kernel = {
    onProgress: (listener: (progress: JobProgress) => void) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
  const view = {
    request: (_: unknown, { job }: { readonly job: string }, signal: AbortSignal) => new Promise((answer, reject) => {
      asked.push({ job, answer });
      signal.addEventListener('abort', () => { reject(new RequestFailure('cancelled', 'cancelled')); });
    }),
  };
  const search = new FaceSearch(kernel as unknown as KernelClient, view as unknown as KernelView, () => undefined, ({ done }) => told.push(done));
  const detecting = (job: string, frame: number): void => {
    for (const listener of listeners) listener({ job, progress: { stage: 'detecting', frame, frames: 100 } });
  };
  return { search, asked, told, detecting, listeners };
}

describe('the search for faces', () => {
  it('is one for all who ask, and tells its share', async () => {
    const { search, asked, told, detecting, listeners } = searchOf();
    const both = Promise.all([search.find(), search.find()]);
    detecting(asked[0]!.job, 25);
    detecting('another', 99);
    asked[0]!.answer([]);
    assert.deepEqual(await both, [[], []]);
    assert.deepEqual([asked.length, told, listeners.size, search.busy], [1, [0, 0.25], 0, false]);
  });

  it('is cancelled by the work it is for; who asks then gets another', async () => {
    const { search, asked } = searchOf();
    const work = new AbortController();
    const first = search.find(work.signal);
    work.abort();
    const second = search.find();
    await assert.rejects(first, isCancelled);
    assert.equal(search.busy, true);
    asked[1]!.answer([]);
    assert.deepEqual(await second, []);
  });
});
