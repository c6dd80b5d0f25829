import type { OnProgress, RestoreProgress } from './progress.ts';

/** Milliseconds between two reports of one stage: more nobody can read. */
const interval = 100;

/** Thins out progress that moves within a stage; every change of stage and every finished frame is passed on. */
export function steadily(report: OnProgress): OnProgress {
  let stage: RestoreProgress['stage'] | undefined;
  let last = 0;
  return (progress) => {
    if (progress.stage === 'frameDone') {
      report(progress);
      return;
    }
    const now = performance.now();
    if (progress.stage === stage && now - last < interval) return;
    stage = progress.stage;
    last = now;
    report(progress);
  };
}
