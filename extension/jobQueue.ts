import { RequestFailure } from './failures.ts';

/** A piece of work in the queue. */
export interface QueuedJob {
  readonly title: string;
  /** 0 .. 1; undefined while others are in front of it. */
  readonly done: number | undefined;
  cancel(): void;
}

export interface JobControl {
  readonly signal: AbortSignal;
  /** @param done 0 .. 1 */
  readonly report: (done: number) => void;
}

interface Entry {
  readonly title: string;
  readonly controller: AbortController;
  readonly run: () => Promise<void>;
  done: number | undefined;
}

/** Does pieces of work one at a time, in the order they came: the device and the processor are shared. */
export class JobQueue {
  private readonly entries: Entry[] = [];
  private readonly listeners = new Set<() => void>();

  /** The one being done first. */
  get jobs(): readonly QueuedJob[] {
    return this.entries.map(({ title, done, controller }) => ({ title, done, cancel: () => { controller.abort(); } }));
  }

  onDidChange(listener: () => void): { dispose(): void } {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  }

  /**
   * @param outer cancels the work from outside, whether it has begun or not
   * @returns what the work returns
   * @throws RequestFailure('cancelled') whoever cancelled it, before it began or in the middle
   */
  add<T>(title: string, work: (control: JobControl) => Promise<T>, outer?: AbortSignal): Promise<T> {
    if (outer?.aborted === true) return Promise.reject(cancelled());
    return new Promise<T>((resolve, reject) => {
      const controller = new AbortController();
      const entry: Entry = {
        title, controller, done: undefined,
        run: async () => {
          try {
            resolve(await work({
              signal: controller.signal,
              report: (done) => {
                entry.done = done;
                this.changed();
              },
            }));
          } catch (error) {
            reject(controller.signal.aborted ? cancelled() : error instanceof Error ? error : new Error(String(error)));
          }
        },
      };
      outer?.addEventListener('abort', () => { controller.abort(); }, { once: true });
      controller.signal.addEventListener('abort', () => {
        if (entry.done !== undefined) return;                           // it is running, and stops by itself
        this.entries.splice(this.entries.indexOf(entry), 1);
        this.changed();
        reject(cancelled());
      }, { once: true });
      this.entries.push(entry);
      this.changed();
      if (this.entries.length === 1) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    for (let entry = this.entries[0]; entry; entry = this.entries[0]) {
      entry.done = 0;
      this.changed();
      await entry.run();
      this.entries.shift();
      this.changed();
    }
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

function cancelled(): RequestFailure {
  return new RequestFailure('cancelled', 'It was cancelled.');
}
