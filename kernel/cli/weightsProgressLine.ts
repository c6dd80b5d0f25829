import { SingleBar } from 'cli-progress';
import type { WeightsProgress } from '../weights/progress.ts';
import { progressWords } from '../weights/progressWords.ts';

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
    const { text, done } = progressWords(progress);
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
