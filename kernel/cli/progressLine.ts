import { SingleBar } from 'cli-progress';
import { basename } from 'node:path';
import type { RestoreProgress } from '../pipeline/progress.ts';
import { oneLine, visible } from './visible.ts';

/** Shows how far one file is: a bar on a terminal, a plain line now and then elsewhere. All of it on stderr. */
export interface ProgressLine {
  show(progress: RestoreProgress): void;
  /** Prints a line without tearing the bar. */
  say(line: string): void;
  stop(): void;
}

/** @param name of what is done: a file's, or an action in words */
export function progressLine(name: string): ProgressLine {
  return process.stderr.isTTY ? new Bar(inLine(name)) : new PlainLines(inLine(name));
}

/** Names of files may hold anything. */
function inLine(text: string): string {
  return visible(oneLine(text));
}

/** What a person is told: the rest is for views that show frames. */
type Told = Exclude<RestoreProgress, { readonly stage: 'frameDone' | 'exporting' }>;

/** What is done at the moment, and the share that is done (0..1). */
export function describe(progress: Told): { readonly text: string; readonly done: number } {
  switch (progress.stage) {
    case 'preparing':
      return { text: progress.what, done: 0 };
    case 'detecting':
      return { text: `looking for faces${progress.frames > 1 ? `, frame ${progress.frame + 1} of ${progress.frames}` : ''}`, done: progress.frame / Math.max(1, progress.frames) };
    case 'found':
      return { text: `${progress.faces} ${progress.faces === 1 ? 'face' : 'faces'} found`, done: 0 };
    case 'restoring': {
      const frames = progress.frames > 1 ? `frame ${progress.frame} of ${progress.frames}, ` : '';
      const within = progress.steps > 0 ? progress.step / progress.steps : 0;
      return {
        text: `${frames}face ${Math.min(progress.face + 1, progress.faces)} of ${progress.faces}, step ${progress.step} of ${progress.steps}`,
        done: progress.faces > 0 ? Math.min(1, (progress.face + (progress.face < progress.faces ? within : 0)) / progress.faces) : progress.frame / Math.max(1, progress.frames),
      };
    }
    case 'walking': {
      const within = progress.steps > 0 ? progress.step / progress.steps : 0;
      const which = progress.walks > 1 ? `walk ${progress.walk + 1} of ${progress.walks}, ` : '';
      return { text: `${which}step ${progress.step} of ${progress.steps}`, done: (progress.walk + within) / Math.max(1, progress.walks) };
    }
    case 'measuring': {
      const { name, file, files, frame, frames } = progress;
      return { text: `measuring ${name}${frames > 1 ? `, frame ${Math.min(frame + 1, frames)} of ${frames}` : ''}`, done: (file + frame / Math.max(1, frames)) / Math.max(1, files) };
    }
    case 'writingStates':
      return { text: `writing state ${progress.state} of ${progress.states}`, done: progress.state / Math.max(1, progress.states) };
    case 'enlarging':
      return { text: `background, part ${Math.min(progress.tile + 1, progress.tiles)} of ${progress.tiles}`, done: progress.tile / Math.max(1, progress.tiles) };
    case 'writing':
      return { text: `writing ${basename(progress.path)}`, done: 1 };
    default:
      return progress satisfies never;
  }
}

/** Seconds left in words, from the share done since the stage began: what was done before took none of this time. */
class TimeLeft {
  private stage = '';
  private since = 0;
  private before = 0;

  words(progress: Told, done: number): string {
    const now = performance.now();
    if (progress.stage !== this.stage) {
      this.stage = progress.stage;
      this.since = now;
      this.before = done;
    }
    const seconds = (now - this.since) / 1000;
    const share = (done - this.before) / Math.max(1e-9, 1 - this.before);
    if (share <= 0.01 || seconds < 1) return '';
    const left = Math.round(seconds / share - seconds);
    return left >= 90 ? `, ${Math.round(left / 60)} min left` : `, ${left} s left`;
  }
}

class Bar implements ProgressLine {
  private readonly bar = new SingleBar({ format: '{name} {bar} {text}', barsize: 24, hideCursor: true, clearOnComplete: true, stream: process.stderr, linewrap: false });
  private readonly timeLeft = new TimeLeft();
  private running = false;

  constructor(private readonly name: string) {}

  show(progress: RestoreProgress): void {
    if (progress.stage === 'frameDone' || progress.stage === 'exporting') return;
    const { text, done } = describe(progress);
    const payload = { name: this.name, text: inLine(text) + this.timeLeft.words(progress, done) };
    if (!this.running) {
      this.bar.start(1000, 0, payload);
      this.running = true;
    }
    this.bar.update(Math.round(done * 1000), payload);
  }

  say(line: string): void {
    this.stop();
    process.stderr.write(line + '\n');
  }

  stop(): void {
    if (this.running) this.bar.stop();
    this.running = false;
  }
}

/** A line at each change of stage, then one every ten seconds. */
class PlainLines implements ProgressLine {
  private readonly timeLeft = new TimeLeft();
  private stage = '';
  private last = 0;

  constructor(private readonly name: string) {}

  show(progress: RestoreProgress): void {
    if (progress.stage === 'frameDone' || progress.stage === 'exporting') return;
    const { text, done } = describe(progress);
    const left = this.timeLeft.words(progress, done);
    const now = performance.now();
    if (progress.stage === this.stage && now - this.last < 10_000) return;
    this.stage = progress.stage;
    this.last = now;
    this.say(`${this.name}: ${inLine(text)}${left}`);
  }

  say(line: string): void {
    process.stderr.write(line + '\n');
  }

  stop(): void {
    this.stage = '';
  }
}
