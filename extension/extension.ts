import type { ExtensionContext } from 'vscode';
import { KernelClient } from './kernelClient.ts';
import { registerKernelStatus } from './kernelStatus.ts';

/** A table of contents: each part of the extension registers itself. */
export function activate(context: ExtensionContext): void {
  const kernel = new KernelClient(context.extensionPath);
  context.subscriptions.push(kernel);
  context.subscriptions.push(registerKernelStatus(kernel));
}
