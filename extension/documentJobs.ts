import { basename } from 'node:path';
import type { JobState, Outcome } from '../webview/protocol.ts';
import { failureText, logFailure, offerRemedy, tellLoss } from './failureMessages.ts';
import { acrossCrashes, isCancelled } from './failures.ts';
import type { JobQueue } from './jobQueue.ts';
import type { KernelClient } from './kernelClient.ts';
import { ProgressTeller, type ProgressText } from './progressText.ts';

/** @param job its name in the kernel's progress */
export type Task<T> = (job: string, signal: AbortSignal) => Promise<T>;

/** What changes of a document while something is done on it. */
export interface JobPart {
  readonly job?: JobState | null;
  readonly outcome?: Outcome;
}

interface Running {
  readonly what: JobState['what'];
  readonly controller: AbortController;
  /** Tells the queue how far it is, once its turn has come. */
  report?: (done: number) => void;
}

let jobs = 0;

/** The work on one file, one piece at a time: each waits in the queue of all files, tells how far it is, and is done again when the kernel is lost. */
export class DocumentJobs {
  private running: Running | undefined;
  private readonly ended = new Set<() => void>();

  /** @param update takes what a person shall see of it */
  constructor(private readonly kernel: KernelClient, private readonly queue: JobQueue, private readonly update: (part: JobPart) => void, private readonly frameRestored: (frame: number) => void) {}

  get busy(): boolean {
    return this.running !== undefined;
  }

  /**
   * Does a piece of work whose outcome is shown in the editors; nothing while another is under way.
   * @param finish what has to be done before the outcome is said
   */
  async work(what: 'restore' | 'export', title: string, task: Task<Outcome>, finish: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    if (this.running) return;
    let outcome: Outcome;
    try {
      outcome = await this.run(what, title, task);
    } catch (error) {
      outcome = this.failure(error);
    }
    await finish();
    this.end({ job: null, outcome });
  }

  /**
   * Does something with walks; waits for what is under way.
   * @throws RequestFailure, also when it is cancelled
   */
  async walk<T>(title: string, task: Task<T>): Promise<T> {
    while (this.running) await new Promise<void>((resolve) => this.ended.add(resolve));
    try {
      return await this.run('walk', title, task);
    } finally {
      this.end({ job: null });
    }
  }

  /** Likewise, with something written at its end. @param task returns the path */
  async exportWalk(title: string, task: Task<string>): Promise<void> {
    try {
      const path = await this.walk(title, task);
      this.update({ outcome: { kind: 'exported', text: `Written to ${basename(path)}`, path } });
    } catch (error) {
      this.update({ outcome: this.failure(error) });
    }
  }

  /** How far something is that has to be done before the work itself. */
  progress(told: ProgressText): void {
    if (!this.running?.report) return;
    this.running.report(told.done);
    this.update({ job: { what: this.running.what, ...told, waiting: false } });
  }

  cancel(): void {
    this.running?.controller.abort();
  }

  /** What is shown of a failure; where something helps against it, that is offered. */
  failure(error: unknown): Outcome {
    if (isCancelled(error)) return { kind: 'cancelled' };
    logFailure(error, this.kernel);
    void offerRemedy(error, this.kernel);
    return { kind: 'failed', text: failureText(error) };
  }

  private run<T>(what: JobState['what'], title: string, task: Task<T>): Promise<T> {
    const running: Running = { what, controller: new AbortController() };
    this.running = running;
    this.update({ job: { what, text: 'Waiting for other work', done: 0, waiting: true }, outcome: { kind: 'none' } });
    return this.queue.add(title, async ({ signal, report }) => {
      running.report = report;
      this.progress({ text: title, done: 0 });
      const job = `${what}-${++jobs}`;
      const teller = new ProgressTeller();
      const listening = this.kernel.onProgress(({ job: of, progress }) => {
        if (of !== job) return;
        if (progress.stage === 'frameDone') this.frameRestored(progress.frame);
        const told = teller.tell(progress);
        if (told) this.progress(told);
      });
      try {
        return await acrossCrashes(() => task(job, signal), (lost) => void tellLoss(title.charAt(0).toLowerCase() + title.slice(1), lost, this.kernel));
      } finally {
        listening.dispose();
      }
    }, running.controller.signal);
  }

  private end(part: JobPart): void {
    this.running = undefined;
    this.update(part);
    for (const resolve of this.ended) resolve();
    this.ended.clear();
  }
}
