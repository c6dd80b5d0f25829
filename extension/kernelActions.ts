import { readFile, rm } from 'node:fs/promises';
import { requests, type ActionOutcome, type RecipeSummary } from '../kernel/protocol.ts';
import type { ActionRunner } from './cellRun.ts';
import { tellLoss } from './failureMessages.ts';
import { acrossCrashes } from './failures.ts';
import type { JobQueue } from './jobQueue.ts';
import type { KernelClient } from './kernelClient.ts';
import { ProgressTeller } from './progressText.ts';
import { deviceSetting } from './settings.ts';

let jobs = 0;

/** Runs actions in the kernel, one at a time together with all other work of the editor. */
export function kernelActions(kernel: KernelClient, queue: JobQueue): ActionRunner {
  return {
    read: (text, folder, names, signal): Promise<RecipeSummary> => acrossCrashes(() => kernel.request(requests.recipe, { text, folder, names }, signal), () => undefined),
    run({ title, ...recipe }, tell, outer): Promise<ActionOutcome> {
      tell(queue.jobs.length > 0 ? 'Waiting for other work' : title);
      return queue.add(title, async ({ signal, report }) => {
        tell(title);
        const job = `cell-${++jobs}`;
        const teller = new ProgressTeller();
        const listening = kernel.onProgress(({ job: of, progress }) => {
          const told = of === job ? teller.tell(progress) : undefined;
          if (!told) return;
          report(told.done);
          tell(told.text);
        });
        try {
          const { file } = await acrossCrashes(() => kernel.request(requests.runAction, { ...recipe, job, device: deviceSetting() }, signal), (lost) => void tellLoss(title.charAt(0).toLowerCase() + title.slice(1), lost, kernel));
          const outcome = JSON.parse(await readFile(file, 'utf8')) as ActionOutcome;
          await rm(file, { force: true });
          return outcome;
        } finally {
          listening.dispose();
        }
      }, outer);
    },
  };
}
