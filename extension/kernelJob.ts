import { ProgressLocation, window, type CancellationToken } from 'vscode';
import type { JobQueue } from './jobQueue.ts';
import type { KernelClient } from './kernelClient.ts';
import { ProgressTeller } from './progressText.ts';

let jobs = 0;

/** A request of the kernel that takes a while. */
export interface KernelJob<R> {
  /** What goes on, such as `Restoring portrait.png`. */
  readonly title: string;
  /** @param job name under which the kernel tells of its progress */
  readonly request: (job: string, signal: AbortSignal) => Promise<R>;
}

/** Takes a line for a person whenever there is something new. @param done 0 .. 1 */
export type Tell = (line: string, done: number) => void;

/** Runs a request of the kernel in the queue of all work, and tells how far it is. */
export function runInQueue<R>(kernel: KernelClient, queue: JobQueue, { title, request }: KernelJob<R>, tell: Tell, outer: AbortSignal): Promise<R> {
  return queue.add(title, async ({ signal, report }) => {
    const job = `work-${++jobs}`;
    const teller = new ProgressTeller();
    const listening = kernel.onProgress(({ job: of, progress }) => {
      const told = of === job ? teller.tell(progress) : undefined;
      if (!told) return;
      report(told.done);
      tell(told.text, told.done);
    });
    try {
      return await request(job, signal);
    } finally {
      listening.dispose();
    }
  }, outer);
}

/** The same for whoever has a token of VS Code: it says that it waits until its turn comes. */
export async function runUnderToken<R>(kernel: KernelClient, queue: JobQueue, job: KernelJob<R>, tell: Tell, token: CancellationToken): Promise<R> {
  const controller = new AbortController();
  const listening = token.onCancellationRequested(() => { controller.abort(); });
  if (token.isCancellationRequested) controller.abort();
  tell('waiting', 0);
  try {
    return await runInQueue(kernel, queue, job, tell, controller.signal);
  } finally {
    listening.dispose();
  }
}

/** The same with a notification that shows how far it is, and cancels. */
export async function runWithNotification<R>(kernel: KernelClient, queue: JobQueue, job: KernelJob<R>): Promise<R> {
  return window.withProgress({ location: ProgressLocation.Notification, title: 'DifFace', cancellable: true }, (progress, token) => (
    runUnderToken(kernel, queue, job, (line) => { progress.report({ message: `${job.title}: ${line}` }); }, token)
  ));
}
