import { setImmediate as turnOfEvents } from 'node:timers/promises';

/**
 * Lets the process see to whatever came in meanwhile: Ctrl+C, messages, timers. A loop of nothing but computing would keep it from them until it ends.
 * @throws the signal's reason when it was aborted
 */
export async function breathe(signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await turnOfEvents();
  signal?.throwIfAborted();
}
