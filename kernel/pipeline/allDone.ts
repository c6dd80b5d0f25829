import { breathe } from '../faces/breathe.ts';

/** Waits until all have ended, so that nothing goes on behind a failure. @throws what the first that failed threw */
export async function allDone<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

/**
 * Does the same work on all, so many at a time, and lets the process see to other things in between.
 * @throws what the first that failed threw, once those of its group have ended; the signal's reason when it was aborted
 */
export async function allInGroups<A, B>(all: readonly A[], size: number, work: (one: A) => Promise<B>, signal: AbortSignal): Promise<readonly B[]> {
  const done: B[] = [];
  for (let next = 0; next < all.length; next += size) {
    await breathe(signal);
    done.push(...await allDone(all.slice(next, next + size).map(work)));
  }
  return done;
}
