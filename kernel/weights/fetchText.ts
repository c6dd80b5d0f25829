import { buffer } from 'node:stream/consumers';
import { KernelFailure } from '../failure.ts';
import { persistently, type Patience } from './persistence.ts';
import { failureOf } from './purpose.ts';
import { shownAddress } from './shownAddress.ts';
import { ask, connectionFailure, Interruption, type AskOptions } from './transfer.ts';

/** Longest text that is read: a list of versions has some kilobytes. */
const limit = 4e6;

/**
 * A short text from an address, asked for again as often as the connection breaks.
 * @throws KernelFailure of the purpose's kind when it cannot be had, ('cancelled')
 */
export async function fetchText(address: string, options: AskOptions, patience: Patience, onRetry: (why: string, seconds: number) => void): Promise<string> {
  const { signal, purpose } = options;
  const attempt = async (): Promise<string> => {
    const { body, length = 0 } = await ask(address, options);
    try {
      if (length > limit) throw failureOf(purpose, `${shownAddress(address)} is not what was looked for: it has ${length.toLocaleString('en-US')} bytes; ${purpose.otherwise}`);
      return (await buffer(body)).toString();
    } catch (error) {
      signal.throwIfAborted();
      throw connectionFailure(error, address, options);
    } finally {
      body.on('error', () => undefined).destroy();
    }
  };
  try {
    return await persistently(attempt, { patience, signal, brought: () => Promise.resolve(0), onRetry });
  } catch (error) {
    if (signal.aborted) throw signal.reason instanceof KernelFailure ? signal.reason : new KernelFailure('cancelled', `asking ${shownAddress(address)} was cancelled`);
    if (error instanceof Interruption) throw failureOf(purpose, `${error.message}; try again, or ${purpose.otherwise}`, error);
    throw error;
  }
}
