import { commands, window } from 'vscode';
import { sentence } from './editorWords.ts';
import { KernelNotStarted, RequestFailure, type KernelLost } from './failures.ts';
import type { KernelClient } from './kernelClient.ts';
import { weightsToInstall } from './weightsWords.ts';

interface Action {
  readonly title: string;
  readonly run: () => unknown;
}

/** What went wrong, as a sentence for a person. */
export function failureText(error: unknown): string {
  return sentence(error instanceof Error ? error.message : String(error));
}

/** Shows a failure with the action that helps against its kind. */
export async function showFailure(error: unknown, kernel: KernelClient): Promise<void> {
  if (error instanceof KernelNotStarted) return;                        // the client told it
  logFailure(error, kernel);
  await ask(error, [...remedies(error), showLog(kernel)]);
}

/** Offers what helps against a failure that is shown elsewhere; nothing where nothing is known to. */
export async function offerRemedy(error: unknown, kernel: KernelClient): Promise<void> {
  const actions = remedies(error);
  if (actions.length > 0) await ask(error, [...actions, showLog(kernel)]);
}

export function logFailure(error: unknown, kernel: KernelClient): void {
  kernel.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** @param work what goes on, such as `restoring clip.mp4` */
export async function tellLoss(work: string, lost: KernelLost, kernel: KernelClient): Promise<void> {
  if (lost.asked) return;
  const chosen = await window.showWarningMessage(`The DifFace kernel ended unexpectedly. It is being started again, and ${work} goes on with what was done so far.`, 'Show Log');
  if (chosen !== undefined) kernel.log.show(true);
}

/** Messages that are open: editors beside each other fail alike. */
const open = new Set<string>();

async function ask(error: unknown, actions: readonly Action[]): Promise<void> {
  const text = failureText(error);
  if (open.has(text)) return;
  open.add(text);
  const chosen = await window.showErrorMessage(text, ...actions.map(({ title }) => title));
  open.delete(text);
  await actions.find(({ title }) => title === chosen)?.run();
}

function showLog(kernel: KernelClient): Action {
  return { title: 'Show Log', run: () => { kernel.log.show(true); } };
}

function remedies(error: unknown): readonly Action[] {
  if (!(error instanceof RequestFailure)) return [];
  const openSetting = (title: string, setting: string): Action => ({ title, run: () => commands.executeCommand('workbench.action.openSettings', `difface.${setting}`) });
  switch (error.kind) {
    case 'dependency':
      return /ffmpeg|ffprobe/i.test(error.message) ? [openSetting('Set Path of ffmpeg', 'ffmpegPath')] : [];
    case 'weights': {
      const missing = weightsToInstall(error.message);
      const install: Action = { title: missing?.repair === true ? 'Repair Weights...' : 'Install Weights...', run: () => commands.executeCommand('difface.installWeights', missing?.names) };
      return [...(missing ? [install] : []), openSetting('Choose Model', 'model')];
    }
    case 'checkpoint':
      return [openSetting('Choose Model', 'model')];
    case 'device':
      return [{ title: 'Choose Device', run: () => commands.executeCommand('difface.chooseDevice') }];
    case 'output':
      return /cache folder|converted model/.test(error.message) ? [] : [openSetting('Choose Output Folder', 'outputFolder')];
    case 'input':
    case 'usage':
    case 'cancelled':
    case 'unforeseen':
      return [];
    default:
      return error.kind satisfies never;
  }
}
