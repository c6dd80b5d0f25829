/** Waits until all have ended, so that nothing goes on behind a failure. @throws what the first that failed threw */
export async function allDone<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
