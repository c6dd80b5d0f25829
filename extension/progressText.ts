import type { RestoreProgress } from '../kernel/protocol.ts';

/** A line for a person, and the share that is done (0..1). */
export interface ProgressText {
  readonly text: string;
  readonly done: number;
}

/** Puts progress into words, with the time left once it can be told. */
export class ProgressTeller {
  private stage = '';
  private since = 0;
  private skipped = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** @returns undefined for progress that says nothing new in words */
  tell(progress: RestoreProgress): ProgressText | undefined {
    switch (progress.stage) {
      case 'preparing':
        return { text: progress.what.charAt(0).toUpperCase() + progress.what.slice(1), done: 0 };
      case 'detecting':
        return this.timed(progress.stage, progress.frames > 1 ? `Looking for faces, frame ${progress.frame + 1} of ${progress.frames}` : 'Looking for faces', progress.frame / Math.max(1, progress.frames));
      case 'found':
        return { text: `${progress.faces} ${progress.faces === 1 ? 'face' : 'faces'} found`, done: 0 };
      case 'restoring': {
        const frame = progress.frames > 1 ? `frame ${progress.frame + 1} of ${progress.frames}` : `face ${progress.face + 1} of ${progress.faces}`;
        const within = progress.steps > 0 ? progress.step / progress.steps : 0;
        return this.timed(progress.stage, `Restoring ${frame}, step ${progress.step} of ${progress.steps}`, (progress.face + within) / Math.max(1, progress.faces));
      }
      case 'walking': {
        const which = progress.walks > 1 ? `walk ${progress.walk + 1} of ${progress.walks}, ` : '';
        return this.timed(progress.stage, `Walking, ${which}step ${progress.step} of ${progress.steps}`, (progress.walk + (progress.steps > 0 ? progress.step / progress.steps : 0)) / Math.max(1, progress.walks));
      }
      case 'measuring': {
        const { name, file, files, frame, frames } = progress;
        return this.timed(progress.stage, `Measuring ${name}${frames > 1 ? `, frame ${Math.min(frame + 1, frames)} of ${frames}` : ''}`, (file + frame / Math.max(1, frames)) / Math.max(1, files));
      }
      case 'writingStates':
        return this.timed(progress.stage, `Writing state ${progress.state} of ${progress.states}`, progress.state / Math.max(1, progress.states));
      case 'enlarging':
        return this.timed(progress.stage, `Rebuilding the background, part ${Math.min(progress.tile + 1, progress.tiles)} of ${progress.tiles}`, progress.tile / Math.max(1, progress.tiles));
      case 'exporting':
        return this.timed(progress.stage, `Writing frame ${progress.frame + 1} of ${progress.frames}`, progress.frame / Math.max(1, progress.frames));
      case 'writing':
        return { text: 'Writing the result', done: 1 };
      case 'frameDone':
        return undefined;
      default:
        return progress satisfies never;
    }
  }

  /** What was there from an earlier run took no time and counts for nothing. */
  private timed(stage: string, text: string, done: number): ProgressText {
    if (stage !== this.stage) {
      this.stage = stage;
      this.since = this.now();
      this.skipped = done;
    }
    const seconds = (this.now() - this.since) / 1000;
    const share = (done - this.skipped) / Math.max(1e-9, 1 - this.skipped);
    if (seconds < 2 || share < 0.02) return { text, done };
    const left = Math.round(seconds / share - seconds);
    return { text: `${text}, ${left >= 90 ? `${Math.round(left / 60)} min` : `${left} s`} left`, done };
  }
}
