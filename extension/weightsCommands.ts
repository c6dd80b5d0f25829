import { commands, env, ProgressLocation, QuickPickItemKind, Uri, window, type QuickPickItem } from 'vscode';
import { inMegabytes, requests, type ListedFile, type ListedWeights, type WeightsProgress } from '../kernel/protocol.ts';
import { DisposableStore, type Disposable } from './disposable.ts';
import { failureText, logFailure, showFailure } from './failureMessages.ts';
import { isCancelled, KernelNotStarted } from './failures.ts';
import type { KernelClient } from './kernelClient.ts';
import { networkSettings } from './settings.ts';
import { fileWords, importedWords, installedWords, verifiedWords, weightsProgressText } from './weightsWords.ts';

interface Choice extends QuickPickItem {
  readonly run?: () => Promise<unknown>;
}

let jobs = 0;

/** "Manage Model Weights": what is installed, and installing, importing, checking and removing it. */
export function registerWeightsCommands(kernel: KernelClient): Disposable {
  const store = new DisposableStore();
  const weights = new Weights(kernel);
  store.add(commands.registerCommand('difface.manageWeights', () => weights.manage()));
  // offered by failures
  store.add(commands.registerCommand('difface.installWeights', (names: readonly string[]) => weights.telling(() => weights.install(names))));
  return store;
}

class Weights {
  constructor(private readonly kernel: KernelClient) {}

  manage(): Promise<void> {
    return this.telling(async () => {
      const listed = await this.list();
      await choose('DifFace: Model Weights', `Weights lie in ${listed.folder}`, [
        ...this.actions(listed),
        { label: 'files', kind: QuickPickItemKind.Separator },
        ...listed.files.map((file): Choice => ({ ...fileWords(file, listed.licences.find(({ id }) => id === file.licence)), run: () => this.manageFile(file, listed) })),
      ]);
    });
  }

  /** Asks for what has to be accepted, downloads, checks and converts. */
  async install(names: readonly string[]): Promise<void> {
    const listed = await this.list();
    const ids = new Set(names.flatMap((name) => listed.sets[name] ?? [name]));
    const files = listed.files.filter(({ id, file }) => ids.has(id) || ids.has(file));
    const accepted = await acceptLicences(files, listed);
    if (!accepted) return;
    const title = files.length === 1 ? files[0]!.title : `${files.length} files`;
    const done = await this.withProgress(`Installing ${title}`, (job, signal) => this.kernel.request(requests.installWeights, { names: files.map(({ id }) => id), accepted, network: networkSettings(), job }, signal))
      .catch(async (error: unknown): Promise<undefined> => {
        if (isCancelled(error)) {
          void window.showInformationMessage('The installation was cancelled. What was downloaded is kept, and the next one goes on from there.');
          return undefined;
        }
        await this.offerAgain(error, names);
        return undefined;
      });
    await this.kernel.refresh();
    if (done && done.failed.length > 0) await this.offerAgain(new Error(installedWords(done)), done.failed.map(({ id }) => id));
    else if (done) void window.showInformationMessage(installedWords(done));
  }

  /** Does something and tells a person what failed. */
  async telling(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isCancelled(error)) await showFailure(error, this.kernel);
    }
  }

  private list(): Promise<ListedWeights> {
    return this.kernel.request(requests.weights, {});
  }

  private actions({ sets, files, folder }: ListedWeights): readonly Choice[] {
    const missing = (set: string): readonly ListedFile[] => files.filter(({ id, state }) => sets[set]?.includes(id) === true && (state === 'missing' || state === 'begun'));
    const size = (of: readonly ListedFile[]): string => inMegabytes(of.reduce((sum, { size: { bytes }, state, bytes: have }) => sum + bytes - (state === 'begun' ? Math.min(have, bytes) : 0), 0));
    const [faces, photographs] = [missing('difface'), missing('photographs')];
    return [
      ...(photographs.length > faces.length ? [{ label: '$(cloud-download) Install All for Photographs', description: `about ${size(photographs)}`, detail: 'The published models as the reference uses them: restoration, face detection, face parsing, background', run: () => this.install(['photographs']) }] : []),
      ...(faces.length > 0 ? [{ label: '$(cloud-download) Install the Restoration Model', description: `about ${size(faces)}`, detail: 'Diffusion model and backbone; faces are found and pasted with what the extension brings', run: () => this.install(['difface']) }] : []),
      { label: '$(file-add) Import File...', detail: 'Weight files that came another way; they are recognised by their contents', run: () => this.import(false) },
      { label: '$(new-folder) Import Folder...', detail: 'All weight files in folders', run: () => this.import(true) },
      ...(files.some(({ state }) => state === 'installed' || state === 'unchecked') ? [
        { label: '$(verified) Verify All', detail: 'Reads every installed file and compares it with what it was when it was installed', run: () => this.verify([]) },
        { label: '$(folder-opened) Reveal Folder', detail: folder, run: async () => commands.executeCommand('revealFileInOS', Uri.file(folder)) },
      ] : []),
    ];
  }

  private async manageFile(file: ListedFile, listed: ListedWeights): Promise<void> {
    const licence = listed.licences.find(({ id }) => id === file.licence);
    const there = file.state === 'installed' || file.state === 'unchecked';
    await choose(`DifFace: ${file.title}`, file.installed ? `SHA-256 ${file.installed.sha256}` : file.file, [
      ...(there ? [] : [{ label: `$(cloud-download) ${file.state === 'begun' ? 'Go On Installing' : 'Install'}`, detail: file.address, run: () => this.install([file.id]) }]),
      ...(there ? [{ label: '$(verified) Verify', detail: 'Reads the file and compares it with what it was when it was installed', run: () => this.verify([file.id]) }] : []),
      ...(there || file.state === 'begun' ? [{ label: '$(trash) Remove', detail: `Gives back ${inMegabytes(file.bytes + file.convertedBytes)}`, run: () => this.remove(file) }] : []),
      ...(licence ? [{ label: '$(law) Read the Licence', description: licence.title, detail: licence.terms, run: async () => env.openExternal(Uri.parse(licence.address)) }] : []),
      { label: '$(copy) Copy Address', detail: file.address, run: async () => env.clipboard.writeText(file.address) },
    ]);
  }

  private async import(folder: boolean): Promise<void> {
    const chosen = await window.showOpenDialog({ title: 'DifFace: Import Weights', openLabel: 'Import', canSelectFiles: !folder, canSelectFolders: folder, canSelectMany: true }) ?? [];
    if (chosen.length === 0) return;
    const outcome = await this.withProgress('Importing weights', (job, signal) => this.kernel.request(requests.importWeights, { paths: chosen.map(({ fsPath }) => fsPath), job }, signal));
    await this.kernel.refresh();
    const { skipped, failed, unconverted } = outcome;
    for (const { path, why } of skipped) this.kernel.log.info(`skipped ${path}: ${why}`);
    for (const { path, why } of failed) this.kernel.log.error(`failed ${path}: ${why}`);
    for (const { file, why } of unconverted) this.kernel.log.error(`${file} could not be converted: ${why}`);
    const details = skipped.length + failed.length + unconverted.length > 0 ? ['Show Details'] : [];
    const picked = await (failed.length + unconverted.length > 0 ? window.showWarningMessage(importedWords(outcome), ...details) : window.showInformationMessage(importedWords(outcome), ...details));
    if (picked !== undefined) this.kernel.log.show(true);
  }

  /** @param names all that are installed where there are none */
  private async verify(names: readonly string[]): Promise<void> {
    const found = await this.withProgress('Verifying weights', (job, signal) => this.kernel.request(requests.verifyWeights, { names, job }, signal));
    const amiss = found.filter((file) => file.status !== 'intact');
    for (const { file, why } of amiss) this.kernel.log.error(`${file}: ${why}`);
    if (amiss.length === 0) {
      void window.showInformationMessage(verifiedWords(found));
      return;
    }
    const picked = await window.showWarningMessage(verifiedWords(found), 'Install Again', 'Show Log');
    if (picked === 'Install Again') await this.install(amiss.map(({ id }) => id));
    if (picked === 'Show Log') this.kernel.log.show(true);
  }

  private async remove(file: ListedFile): Promise<void> {
    const picked = await window.showWarningMessage(`Remove ${file.file}?`, { modal: true, detail: `${inMegabytes(file.bytes + file.convertedBytes)} are given back. It can be installed again at any time.` }, 'Remove');
    if (picked === undefined) return;
    await this.kernel.request(requests.removeWeights, { names: [file.id] });
    await this.kernel.refresh();
    void window.showInformationMessage(`Removed: ${file.file}.`);
  }

  private async offerAgain(error: unknown, names: readonly string[]): Promise<void> {
    if (error instanceof KernelNotStarted) return;
    logFailure(error, this.kernel);
    const picked = await window.showErrorMessage(failureText(error), 'Try Again', 'Import File...', 'Show Log');
    if (picked === 'Try Again') await this.install(names);
    if (picked === 'Import File...') await this.import(false);
    if (picked === 'Show Log') this.kernel.log.show(true);
  }

  private async withProgress<T>(title: string, work: (job: string, signal: AbortSignal) => Promise<T>): Promise<T> {
    const job = `weights-${++jobs}`;
    return window.withProgress({ location: ProgressLocation.Notification, title: `DifFace: ${title}`, cancellable: true }, async (progress, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => { controller.abort(); });
      let [stage, shown] = ['', 0];
      const hearing = this.kernel.onWeightsProgress(({ job: of, progress: told }) => {
        if (of !== job) return;
        const { text, done } = weightsProgressText(told);
        const current = stageOf(told);
        if (current !== stage) shown = 0;
        stage = current;
        progress.report({ message: text, increment: Math.max(0, 100 * done - shown) });
        shown = Math.max(shown, 100 * done);
      });
      try {
        return await work(job, controller.signal);
      } finally {
        hearing.dispose();
      }
    });
  }
}

function stageOf({ stage, file }: WeightsProgress): string {
  return `${stage === 'retrying' ? 'downloading' : stage} ${file}`;
}

/** Shows the terms that were not accepted yet. @returns the keys of those that were accepted now; undefined where one was not */
async function acceptLicences(files: readonly ListedFile[], { licences }: ListedWeights): Promise<readonly string[] | undefined> {
  const keys: string[] = [];
  for (const licence of licences) {
    const under = files.filter((file) => file.licence === licence.id);
    if (under.length === 0 || licence.accepted || !licence.restricted) continue;
    for (let answered = false; !answered;) {
      const picked = await window.showWarningMessage(
        `${licence.title}: accept its terms?`,
        { modal: true, detail: `${licence.terms}\n\n${licence.address}\n\nIt covers ${under.map(({ title }) => title).join(', ')}.` },
        'Accept and Download', 'Read the Licence',
      );
      if (picked === undefined) return undefined;
      if (picked === 'Read the Licence') await env.openExternal(Uri.parse(licence.address));
      else answered = true;
    }
    keys.push(licence.key);
  }
  return keys;
}

async function choose(title: string, placeHolder: string, choices: readonly Choice[]): Promise<void> {
  const picked = await window.showQuickPick([...choices], { title, placeHolder, matchOnDescription: true, matchOnDetail: true });
  await picked?.run?.();
}
