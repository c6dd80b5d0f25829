import type { DocumentState } from './protocol.ts';

/** Milliseconds between two announcements of progress. */
const pause = 5000;

/** What a screen reader is told of the work: an outcome at once, progress now and then. */
export class Announcer {
  private said = '';
  private progressAt = -Infinity;

  /** @param now in milliseconds */
  text({ job, outcome }: Pick<DocumentState, 'job' | 'outcome'>, now: number): string {
    if (!job) {
      this.progressAt = -Infinity;
      this.said = outcome.kind === 'none' ? '' : outcome.kind === 'cancelled' ? 'Cancelled' : outcome.text;
    } else if (now - this.progressAt >= pause) {
      this.progressAt = now;
      this.said = job.waiting ? job.text : `${Math.floor(job.done * 100)} %, ${job.text}`;
    }
    return this.said;
  }
}
