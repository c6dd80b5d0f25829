import { inMegabytes } from './megabytes.ts';
import type { WeightsProgress } from './progress.ts';

/** Words, and the share that is done (0..1) where there is one. */
export function progressWords(progress: WeightsProgress): { readonly text: string; readonly done?: number } {
  switch (progress.stage) {
    case 'waiting': return { text: 'another process is at it; waiting for it' };
    case 'retrying': return { text: `${progress.why}; trying again in ${Math.ceil(progress.seconds)} s` };
    case 'downloading': return { text: `${sizes(progress)}${left(progress.secondsLeft)}`, done: share(progress) };
    case 'copying': return { text: `copying, ${sizes(progress)}`, done: share(progress) };
    case 'checking': return { text: `checking, ${sizes(progress)}`, done: share(progress) };
    case 'converting': return { text: `converting, ${Math.floor(progress.done * 100)} %`, done: progress.done };
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
