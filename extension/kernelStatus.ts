import { commands, StatusBarAlignment, ThemeColor, window } from 'vscode';
import { DisposableStore, type Disposable } from './disposable.ts';
import type { JobQueue } from './jobQueue.ts';
import type { KernelClient } from './kernelClient.ts';
import { describeKernel } from './kernelState.ts';

/** The one status-bar item: what the kernel is doing and on which device; a click shows the queue, or starts the kernel. */
export function registerKernelStatus(kernel: KernelClient, queue: JobQueue): Disposable {
  const store = new DisposableStore();
  const item = store.add(window.createStatusBarItem('difface.kernel', StatusBarAlignment.Right));
  item.name = 'DifFace';
  const show = (): void => {
    const [first, ...rest] = queue.jobs;
    const { text, tooltip, failed } = describeKernel(kernel.state, first && { title: first.title, done: first.done ?? 0, waiting: rest.length });
    item.text = text;
    item.tooltip = tooltip;
    item.command = first ? 'difface.showQueue' : 'difface.startKernel';
    item.backgroundColor = failed ? new ThemeColor('statusBarItem.errorBackground') : undefined;
  };
  store.add(kernel.onDidChangeState(show));
  store.add(queue.onDidChange(show));
  const start = (): Promise<void> => kernel.start().catch(() => undefined); // the client tells what went wrong
  store.add(commands.registerCommand('difface.startKernel', start));
  store.add(commands.registerCommand('difface.restartKernel', async () => {
    await kernel.stop();
    await start();
  }));
  store.add(commands.registerCommand('difface.showLog', () => {
    kernel.log.show(true);
  }));
  store.add(commands.registerCommand('difface.showQueue', () => showQueue(queue)));
  show();
  item.show();
  return store;
}

/** Lists what is done and what waits; choosing one cancels it. */
async function showQueue(queue: JobQueue): Promise<void> {
  const items = queue.jobs.map((job) => ({ label: job.title, description: job.done === undefined ? 'waiting' : `${Math.floor(job.done * 100)} %`, job }));
  if (items.length === 0) {
    void window.showInformationMessage('DifFace has nothing to do.');
    return;
  }
  const chosen = await window.showQuickPick(items, { title: 'DifFace: Queue', placeHolder: 'Choose one to cancel it' });
  chosen?.job.cancel();
}
