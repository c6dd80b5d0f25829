import { commands, window } from 'vscode';
import { RequestFailure } from './failures.ts';
import type { KernelClient } from './kernelClient.ts';

interface Action {
  readonly title: string;
  readonly run: () => unknown;
}

/** What went wrong, as a sentence for a person. */
export function failureText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.charAt(0).toUpperCase() + message.slice(1) + (/[.!?]$/.test(message) ? '' : '.');
}

/** Shows a failure with the action that helps against its kind. */
export async function showFailure(error: unknown, kernel: KernelClient): Promise<void> {
  kernel.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const actions = [...remedies(error), { title: 'Show Log', run: () => { kernel.log.show(true); } }];
  const chosen = await window.showErrorMessage(failureText(error), ...actions.map(({ title }) => title));
  await actions.find(({ title }) => title === chosen)?.run();
}

function remedies(error: unknown): readonly Action[] {
  if (!(error instanceof RequestFailure)) return [];
  const openSetting = (title: string, setting: string): Action => ({ title, run: () => commands.executeCommand('workbench.action.openSettings', `difface.${setting}`) });
  switch (error.kind) {
    case 'dependency':
      return [openSetting('Set Path of ffmpeg', 'ffmpegPath')];
    case 'weights':
    case 'checkpoint':
      return [openSetting('Choose Model', 'model')];
    case 'device':
      return [openSetting('Choose Device', 'device')];
    case 'output':
      return [openSetting('Choose Output Folder', 'outputFolder')];
    case 'input':
    case 'usage':
    case 'cancelled':
    case 'unforeseen':
      return [];
    default:
      return error.kind satisfies never;
  }
}
