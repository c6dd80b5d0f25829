import { basename } from 'node:path';
import { commands, ProgressLocation, Uri, window, type CancellationToken, type Progress } from 'vscode';
import { requests, type FileResult, type RestoreRequest } from '../kernel/protocol.ts';
import { DisposableStore, type Disposable } from './disposable.ts';
import { failureText, showFailure } from './failureMessages.ts';
import { acrossCrashes, isCancelled, RequestFailure } from './failures.ts';
import type { JobQueue } from './jobQueue.ts';
import type { KernelClient } from './kernelClient.ts';
import type { Origins } from './origins.ts';
import { ProgressTeller } from './progressText.ts';
import { askOptions } from './restoreOptions.ts';
import { deviceSetting, restoreSettings } from './settings.ts';
import { summarise } from './summary.ts';

let jobs = 0;

/** Right-click in the explorer: "Restore Faces" on files, selections and folders. */
export function registerExplorerCommands(kernel: KernelClient, queue: JobQueue, origins: Origins): Disposable {
  const store = new DisposableStore();
  const restore = async (files: readonly Uri[], options: RestoreRequest): Promise<void> => {
    if (files.length === 0) {
      void window.showInformationMessage('Choose pictures, clips or folders in the explorer first.');
      return;
    }
    try {
      await restoreAll(files, options, kernel, queue, origins);
    } catch (error) {
      if (!isCancelled(error)) await showFailure(error, kernel);
    }
  };
  store.add(commands.registerCommand('difface.restoreFaces', (file?: Uri, selection?: readonly Uri[]) => restore(chosen(file, selection), {})));
  store.add(commands.registerCommand('difface.restoreFacesWith', async (file?: Uri, selection?: readonly Uri[]) => {
    await kernel.start();
    if (kernel.state.kind !== 'ready') return showFailure(new RequestFailure('dependency', 'the DifFace kernel does not run'), kernel);
    const options = await askOptions(kernel.state.info, file ? restoreSettings(file) : {});
    if (options) await restore(chosen(file, selection), options);
  }));
  return store;
}

function chosen(file: Uri | undefined, selection: readonly Uri[] | undefined): readonly Uri[] {
  return selection && selection.length > 0 ? selection : file ? [file] : [];
}

async function restoreAll(uris: readonly Uri[], options: RestoreRequest, kernel: KernelClient, queue: JobQueue, origins: Origins): Promise<void> {
  const settings = restoreSettings(uris[0]!);
  const { files, skipped, empty } = await kernel.request(requests.collect, { paths: uris.map(({ fsPath }) => fsPath), ...(settings.suffix === undefined ? {} : { suffix: settings.suffix }) });
  if (files.length + skipped.length === 0) {
    void window.showInformationMessage(`There is nothing to restore in ${empty.map((folder) => basename(folder)).join(', ')}: neither pictures nor clips.`);
    return;
  }
  const results: FileResult[] = skipped.map(({ path, why }) => ({ status: 'skipped', input: path, why }));
  const cancelled = await window.withProgress({ location: ProgressLocation.Notification, title: 'DifFace', cancellable: true }, async (progress, token) => {
    for (const [i, { path, subfolder }] of files.entries()) {
      const request = { ...restoreSettings(Uri.file(path)), ...options };
      const { output } = request;
      const placed = output === undefined || subfolder === '' ? request : { ...request, output: Uri.joinPath(Uri.file(output), subfolder).fsPath };
      try {
        results.push(await restoreOne(path, placed, { progress, token, place: files.length > 1 ? `${i + 1} of ${files.length}, ` : '' }, kernel, queue));
      } catch (error) {
        if (token.isCancellationRequested || isCancelled(error)) return true;
        results.push({ status: 'failed', input: path, kind: error instanceof RequestFailure ? error.kind : 'input', message: failureText(error) });
      }
    }
    return false;
  });
  for (const result of results) if (result.status === 'restored') origins.remember(result.output, result.input);
  await report(results, cancelled, kernel);
}

interface Shown {
  readonly progress: Progress<{ message?: string; increment?: number }>;
  readonly token: CancellationToken;
  readonly place: string;
}

async function restoreOne(path: string, options: RestoreRequest, { progress, token, place }: Shown, kernel: KernelClient, queue: JobQueue): Promise<FileResult> {
  const controller = new AbortController();
  const listening = token.onCancellationRequested(() => {
    controller.abort();
  });
  if (token.isCancellationRequested) controller.abort();
  const say = (text: string): void => {
    progress.report({ message: `${place}${basename(path)}: ${text}` });
  };
  say('waiting');
  try {
    return await queue.add(`Restoring ${basename(path)}`, async ({ signal, report: reportShare }) => {
      const job = `file-${++jobs}`;
      const teller = new ProgressTeller();
      const hearing = kernel.onProgress(({ job: of, progress: step }) => {
        const told = of === job ? teller.tell(step) : undefined;
        if (!told) return;
        reportShare(told.done);
        say(told.text);
      });
      try {
        return await acrossCrashes(() => kernel.request(requests.restore, { path, options, job, device: deviceSetting() }, signal), (lost) => {
          if (lost.asked) return;
          void window.showWarningMessage(`The DifFace kernel ended unexpectedly. It was started again, and restoring ${basename(path)} goes on where it was.`);
        });
      } finally {
        hearing.dispose();
      }
    }, controller.signal);
  } finally {
    listening.dispose();
  }
}

/** One file: its result, or why there is none. Several: how many of each, and the details in the log. */
async function report(results: readonly FileResult[], cancelled: boolean, kernel: KernelClient): Promise<void> {
  const { sentence, details, failed } = summarise(results, cancelled);
  for (const line of details) kernel.log.info(line);
  const [only] = results;
  if (results.length === 1 && only?.status === 'failed') {
    await showFailure(new RequestFailure(only.kind, only.message), kernel);
    return;
  }
  const output = results.length === 1 && only?.status === 'restored' ? only.output : undefined;
  const actions = output === undefined ? (results.length > 1 ? ['Show Details'] : []) : ['Compare With Original'];
  const picked = await (failed ? window.showWarningMessage(sentence, ...actions) : window.showInformationMessage(sentence, ...actions));
  if (picked === 'Show Details') kernel.log.show(true);
  if (picked === 'Compare With Original' && output !== undefined) await commands.executeCommand('difface.compareWithOriginal', Uri.file(output));
}
