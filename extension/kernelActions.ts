import { readFile, rm } from 'node:fs/promises';
import { requests, type ActionOutcome, type NamedResult, type PlannedRun, type PlanRunParams } from '../kernel/protocol.ts';
import type { ActionRunner } from './cellRun.ts';
import { tellLoss } from './failureMessages.ts';
import { acrossCrashes } from './failures.ts';
import type { JobQueue } from './jobQueue.ts';
import type { KernelClient } from './kernelClient.ts';
import { runInQueue } from './kernelJob.ts';
import { deviceSetting } from './settings.ts';

/** Runs actions in the kernel, one at a time together with all other work of the editor. */
export function kernelActions(kernel: KernelClient, queue: JobQueue): ActionRunner {
  return {
    plan: (cell, signal): Promise<PlannedRun> => plannedRun(kernel, cell, signal),
    run({ title, ...action }, tell, signal): Promise<ActionOutcome> {
      tell(queue.jobs.length > 0 ? 'Waiting for other work' : title);
      return runInQueue(kernel, queue, { title, request: (job, inner) => {
        tell(title);
        return outcomeOf(kernel, action, title, job, inner);
      } }, tell, signal);
    },
  };
}

/** What of a recipe is going to run, and all that would keep it from that. */
export function plannedRun(kernel: KernelClient, params: PlanRunParams, signal?: AbortSignal): Promise<PlannedRun> {
  return acrossCrashes(() => kernel.request(requests.planRun, params, signal), () => undefined);
}

/** What an action comes to, computed again where the kernel is lost meanwhile. */
export async function outcomeOf(kernel: KernelClient, action: { readonly text: string; readonly folder: string; readonly names: readonly NamedResult[]; readonly action: number }, title: string, job: string, signal: AbortSignal): Promise<ActionOutcome> {
  const { file } = await acrossCrashes(() => kernel.request(requests.runAction, { ...action, job, device: deviceSetting() }, signal), (lost) => void tellLoss(title.charAt(0).toLowerCase() + title.slice(1), lost, kernel));
  const outcome = JSON.parse(await readFile(file, 'utf8')) as ActionOutcome;
  await rm(file, { force: true });
  return outcome;
}
