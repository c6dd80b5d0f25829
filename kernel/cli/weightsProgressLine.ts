import { SingleBar } from 'cli-progress';
import { inMegabytes } from '../weights/megabytes.ts';
import type { WeightsProgress } from '../weights/progress.ts';

/** Milliseconds between two plain lines of one stage. */
const interval = 10_000;

/** Shows how far weights are: a bar on a terminal, a plain line now and then elsewhere. All of it on stderr. */
export class WeightsProgressLine {
  private readonly bar = process.stderr.isTTY
    ? new SingleBar({ format: '{file} {bar} {text}', barsize: 24, hideCursor: true, clearOnComplete: true, stream: process.stderr, linewrap: false })
    : undefined;

  private running = false;
  private stage = '';
  private last = 0;

  show(progress: WeightsProgress): void {
    const { text, done } = describe(progress);
    const stage = `${progress.stage} ${progress.file}`;
    const moved = stage !== this.stage;
    this.stage = stage;
    if (this.bar && done !== undefined) {
      const payload = { file: progress.file, text };
      if (!this.running) this.bar.start(1000, 0, payload);
      this.running = true;
      this.bar.update(Math.round(done * 1000), payload);
      return;
    }
    const now = performance.now();
    if (done !== undefined && !moved && now - this.last < interval) return;
    this.stop();
    this.last = now;
    process.stderr.write(`${progress.file}: ${text}\n`);
  }

  stop(): void {
    if (this.running) this.bar?.stop();
    this.running = false;
  }
}

/** Words, and the share that is done (0..1) where there is one. */
function describe(progress: WeightsProgress): { readonly text: string; readonly done?: number } {
  switch (progress.stage) {
    case 'waiting': return { text: 'another process is at it; waiting for it' };
    case 'retrying': return { text: `${progress.why}; trying again in ${progress.seconds} s` };
    case 'downloading': return { text: `${sizes(progress)}${left(progress.secondsLeft)}`, done: share(progress) };
    case 'copying': return { text: `copying, ${sizes(progress)}`, done: share(progress) };
    case 'checking': return { text: `checking, ${sizes(progress)}`, done: share(progress) };
    case 'converting': return { text: 'converting', done: progress.done };
    default: return progress satisfies never;
  }
}

function share({ done, total }: { readonly done: number; readonly total: number }): number {
  return done / Math.max(1, total);
}

function sizes({ done, total }: { readonly done: number; readonly total: number }): string {
  return `${inMegabytes(done)} of ${inMegabytes(total)}`;
}

function left(seconds: number | undefined): string {
  return seconds === undefined ? '' : seconds >= 90 ? `, ${Math.round(seconds / 60)} min left` : `, ${seconds} s left`;
}
