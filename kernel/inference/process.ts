import { KernelFailure } from '../failure.ts';
import { OutOfMemory } from './outOfMemory.ts';
import { networkName, type FromChild, type RestoreJob, type ToChild } from './protocol.ts';
import { restoreCrops } from './restore.ts';
import { openSession, type Session } from './session.ts';

/**
 * Entry of the inference process: one for each device. Holds the loaded graphs and runs whole sampling loops; requests are served one after the other.
 * It ends with its parent; Ctrl+C in a terminal reaches it too and is left to the parent.
 */
const sessions = new Map<string, Session>();
const running = new Map<number, AbortController>();
let queue: Promise<void> = Promise.resolve();

function send(message: FromChild): void {
  if (process.connected) process.send?.(message);
}

function enqueue(id: number, work: (signal: AbortSignal) => Promise<unknown>): void {
  const controller = new AbortController();
  running.set(id, controller);
  queue = queue.then(async () => {
    try {
      controller.signal.throwIfAborted();
      send({ kind: 'done', id, result: await work(controller.signal) });
    } catch (error) {
      if (error instanceof OutOfMemory) send({ kind: 'failed', id, failure: 'memory', message: error.message });
      else if (error instanceof KernelFailure) send({ kind: 'failed', id, failure: error.kind, message: error.message });
      else send({ kind: 'failed', id, failure: 'bug', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    } finally {
      running.delete(id);
    }
  });
}

function session(name: string): Session {
  const found = sessions.get(name);
  if (!found) throw new KernelFailure('device', `the network '${name}' is not loaded`);
  return found;
}

async function load({ name, path, provider, index, threads }: Extract<ToChild, { kind: 'load' }>): Promise<void> {
  const opened = await openSession(path, { provider, index, ...(threads === undefined ? {} : { threads }) });
  await sessions.get(name)?.release();
  sessions.set(name, opened);
}

function batchOf({ crops }: RestoreJob): number {
  return crops.shape[0]!;
}

process.on('message', (message: ToChild) => {
  switch (message.kind) {
    case 'load':
      enqueue(message.id, () => load(message));
      return;
    case 'infer':
      enqueue(message.id, () => session(message.name).run(message.feeds));
      return;
    case 'restore':
      enqueue(message.id, (signal) => restoreCrops(session(networkName('backbone', batchOf(message.job))), sessions.get(networkName('denoiser', batchOf(message.job))), message.job, {
        signal,
        onStep: (step, steps) => {
          send({ kind: 'step', id: message.id, step, steps });
        },
        onState: (state) => {
          send({ kind: 'state', id: message.id, state });
        },
      }));
      return;
    case 'cancel':
      running.get(message.id)?.abort(new KernelFailure('cancelled', 'the restoration was cancelled'));
      return;
    default:
      message satisfies never;
  }
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => process.exit(0));
