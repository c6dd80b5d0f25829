import { setTimeout as sleep } from 'node:timers/promises';
import { usualSilence, type Silence } from './network.ts';
import { Interruption } from './transfer.ts';

export interface Patience {
  /** Seconds before each further attempt; attempts that came further do not count. */
  readonly waits: readonly number[];
  readonly silence: Silence;
}

export const usualPatience: Patience = { waits: [1, 2, 4, 8, 16], silence: usualSilence };

export interface Persistence {
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** How far attempts have come, in bytes. */
  readonly brought: () => Promise<number>;
  /** Told before each further attempt. */
  readonly onRetry: (why: string, seconds: number) => void;
}

/**
 * Does something again as often as it is interrupted, until several attempts in a row came no further than the best before them: one that begins anew brings nothing until it is past that.
 * @throws Interruption, the last one; whatever else `attempt` throws
 */
export async function persistently<T>(attempt: () => Promise<T>, { patience: { waits }, signal, brought, onRetry }: Persistence): Promise<T> {
  let [fruitless, best] = [0, await brought()];
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Interruption)) throw error;
      const now = await brought();
      fruitless = now > best ? 0 : fruitless + 1;
      best = Math.max(best, now);
      const wait = waits[Math.max(0, fruitless - 1)];
      if (wait === undefined) throw error;
      const seconds = Math.max(wait, error.wait ?? 0);
      onRetry(error.message, seconds);
      await sleep(seconds * 1000, undefined, { signal });
    }
  }
}
