import { basename } from 'node:path';
import { commands, ProgressLocation, Uri, window, type CancellationToken } from 'vscode';
import { requests, type FileResult, type KernelInfo } from '../kernel/protocol.ts';
import { DisposableStore, type Disposable } from './disposable.ts';
import { inEditorWords } from './editorWords.ts';
import { showFailure, tellLoss } from './failureMessages.ts';
import { acrossCrashes, isCancelled, KernelNotStarted, RequestFailure } from './failures.ts';
import type { JobQueue } from './jobQueue.ts';
import type { KernelClient } from './kernelClient.ts';
import { runUnderToken } from './kernelJob.ts';
import { mergedOptions } from './mergedOptions.ts';
import type { Origins } from './origins.ts';
import { askOptions, type AskedOptions } from './restoreOptions.ts';
import { deviceSetting, lockfileSetting, restoreSettings } from './settings.ts';
import { summarise } from './summary.ts';

/** Right-click in the explorer: "Restore Faces" on files, selections and folders. */
export function registerExplorerCommands(kernel: KernelClient, queue: JobQueue, origins: Origins): Disposable {
  const store = new DisposableStore();
  const restore = async (files: readonly Uri[], ask?: (info: KernelInfo) => Promise<AskedOptions | undefined>): Promise<void> => {
    if (files.length === 0) {
      void window.showInformationMessage('Choose pictures, clips or folders in the explorer first.');
      return;
    }
    try {
      await kernel.start();
      const asked = ask && kernel.state.kind === 'ready' ? await ask(kernel.state.info) : { options: {}, device: deviceSetting() };
      if (asked) await restoreAll(files, asked, kernel, queue, origins);
    } catch (error) {
      if (!isCancelled(error)) await showFailure(error, kernel);
    }
  };
  store.add(commands.registerCommand('difface.restoreFaces', (file?: Uri, selection?: readonly Uri[]) => restore(chosen(file, selection))));
  store.add(commands.registerCommand('difface.restoreFacesWith', (file?: Uri, selection?: readonly Uri[]) => restore(chosen(file, selection), (info) => askOptions(info, file ? restoreSettings(file) : {}))));
  return store;
}

function chosen(file: Uri | undefined, selection: readonly Uri[] | undefined): readonly Uri[] {
  return selection && selection.length > 0 ? selection : file ? [file] : [];
}

/** @param reuse results that stand there, made in the same way and unchanged, are taken; a folder whose restoration was stopped goes on so */
async function restoreAll(uris: readonly Uri[], asked: AskedOptions, kernel: KernelClient, queue: JobQueue, origins: Origins, reuse = true): Promise<void> {
  const { options, device } = asked;
  const settings = restoreSettings(uris[0]!);
  const { files, skipped, empty } = await kernel.request(requests.collect, { paths: uris.map(({ fsPath }) => fsPath), ...(settings.suffix === undefined ? {} : { suffix: settings.suffix }) });
  if (files.length + skipped.length === 0) {
    void window.showInformationMessage(`There is nothing to restore in ${empty.map((folder) => basename(folder)).join(', ')}: neither pictures nor clips.`);
    return;
  }
  const results: FileResult[] = skipped.map(({ path, why }) => ({ status: 'skipped', input: path, why }));
  const cancelled = await window.withProgress({ location: ProgressLocation.Notification, title: 'DifFace', cancellable: true }, async (progress, token) => {
    let shown = 0;
    for (const [i, { path, subfolder }] of files.entries()) {
      const request = mergedOptions(restoreSettings(Uri.file(path)), options);
      const { output } = request;
      const placed = output === undefined || subfolder === '' ? request : { ...request, output: Uri.joinPath(Uri.file(output), subfolder).fsPath };
      try {
        results.push(await restoreOne(path, { options: placed, device }, reuse, {
          token,
          say(text, done) {
            const share = Math.max(shown, (100 * (i + done)) / files.length);
            progress.report({ message: `${files.length > 1 ? `${i + 1} of ${files.length}, ` : ''}${basename(path)}: ${text}`, increment: share - shown });
            shown = share;
          },
        }, kernel, queue));
      } catch (error) {
        if (token.isCancellationRequested || isCancelled(error)) return true;
        if (error instanceof KernelNotStarted) throw error;
        results.push({ status: 'failed', input: path, kind: error instanceof RequestFailure ? error.kind : 'input', message: error instanceof Error ? error.message : String(error) });
      }
    }
    return false;
  });
  for (const result of results) if (result.status === 'restored') origins.remember(result.output, result.input);
  if (await report(results, cancelled, kernel) === 'again') await restoreAll(uris, asked, kernel, queue, origins, false);
}

interface Shown {
  readonly token: CancellationToken;
  /** @param done of this file, 0 .. 1 */
  readonly say: (text: string, done: number) => void;
}

function restoreOne(path: string, { options, device }: AskedOptions, reuse: boolean, { token, say }: Shown, kernel: KernelClient, queue: JobQueue): Promise<FileResult> {
  return runUnderToken(kernel, queue, {
    title: `Restoring ${basename(path)}`,
    request: (job, signal) => acrossCrashes(() => kernel.request(requests.restore, { path, options, job, device, lockfile: lockfileSetting(Uri.file(path)), reuse }, signal), (lost) => void tellLoss(`restoring ${basename(path)}`, lost, kernel)),
  }, say, token);
}

const again = 'Restore Again';

/** One file: its result, or why there is none. Several: how many of each, and the details in the log. @returns whether a person wants it anew, where all was restored before */
async function report(results: readonly FileResult[], cancelled: boolean, kernel: KernelClient): Promise<'again' | undefined> {
  const { sentence, details, failed, allBefore } = summarise(results, cancelled);
  for (const line of details) kernel.log.info(inEditorWords(line));
  const [only] = results;
  if (results.length === 1 && only?.status === 'failed') {
    await showFailure(new RequestFailure(only.kind, only.message), kernel);
    return undefined;
  }
  const output = results.length === 1 && only?.status === 'restored' ? only.output : undefined;
  const actions = [...(output === undefined ? (results.length > 1 ? ['Show Details'] : []) : ['Compare With Original']), ...(allBefore ? [again] : [])];
  const picked = await (failed ? window.showWarningMessage(sentence, ...actions) : window.showInformationMessage(sentence, ...actions));
  if (picked === 'Show Details') kernel.log.show(true);
  if (picked === 'Compare With Original' && output !== undefined) await commands.executeCommand('difface.compareWithOriginal', Uri.file(output));
  return picked === again ? 'again' : undefined;
}
