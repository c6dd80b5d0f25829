import { commands, StatusBarAlignment, ThemeColor, window } from 'vscode';
import { DisposableStore, type Disposable } from './disposable.ts';
import type { KernelClient } from './kernelClient.ts';
import { describeKernel, type KernelState } from './kernelState.ts';

/** The one status-bar item: what the kernel is doing; a click starts it. */
export function registerKernelStatus(kernel: KernelClient): Disposable {
  const store = new DisposableStore();
  const item = store.add(window.createStatusBarItem('difface.kernel', StatusBarAlignment.Right));
  item.name = 'DifFace';
  item.command = 'difface.startKernel';
  const show = (state: KernelState): void => {
    const { text, tooltip, failed } = describeKernel(state);
    item.text = text;
    item.tooltip = tooltip;
    item.backgroundColor = failed ? new ThemeColor('statusBarItem.errorBackground') : undefined;
  };
  store.add(kernel.onDidChangeState(show));
  store.add(commands.registerCommand('difface.startKernel', () => kernel.start()));
  show(kernel.state);
  item.show();
  void kernel.start();
  return store;
}
