import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';
import { commands, env, UIKind, Uri, window, workspace, type WebviewPanel } from 'vscode';
import { requests, type HandedOver, type ModelSummary } from '../kernel/protocol.ts';
import type { Answers, FromWebview, Look, Question, ToWebview } from '../webview/protocol.ts';
import { defaultSuffix } from './defaults.ts';
import { DisposableStore, type Disposable } from './disposable.ts';
import { exportExtensions, isSameFile, withExtension } from './exportTarget.ts';
import { failureText, offerRemedy } from './failureMessages.ts';
import { isCancelled, KernelNotStarted } from './failures.ts';
import type { KernelClient } from './kernelClient.ts';
import { KernelView } from './kernelView.ts';
import type { MediaDocument } from './mediaDocument.ts';
import { askAboutWalk, exportFromWalk, isAboutWalks } from './walkQuestions.ts';

/** Files of up to this many decoded pixels are searched for faces as soon as they are open. */
const smallPixels = 400e6;

interface Answer {
  readonly result: Answers[Question['what']];
  readonly bytes?: ArrayBuffer;
}

/** One editor: carries questions of its page to the kernel, and the state of the document to the page. */
export class MediaPanel implements Disposable {
  private readonly store = new DisposableStore();
  private readonly view: KernelView;
  private shown = false;
  private closed = false;
  private comparing = false;

  /** @param look what of the document the page shows */
  constructor(private readonly document: MediaDocument, private readonly panel: WebviewPanel, private readonly kernel: KernelClient, private readonly look: Look) {
    this.view = new KernelView(kernel, document.source, document.result);
    this.store.add(panel.webview.onDidReceiveMessage((message: FromWebview) => void this.receive(message)));
    this.store.add(document.onDidChange((state) => {
      this.post({ kind: 'document', document: state });
    }));
    this.store.add(document.onFrameRestored((frame) => {
      this.post({ kind: 'frameRestored', frame });
    }));
    this.store.add(panel.onDidChangeViewState(() => {
      if (panel.visible) document.checkFile();
    }));
    this.store.add(workspace.onDidChangeConfiguration((change) => {
      if (this.shown && change.affectsConfiguration('difface.model', document.uri)) void this.show();
    }));
    this.store.add(kernel.onDidChangeModels(() => {
      if (this.shown) void this.show();
    }));
    this.store.add(document.onDidChangeFile((what) => {
      this.view.forget();
      if (what === 'deleted') this.send({ kind: 'unreadable', message: `${basename(document.source)} was deleted or moved.`, gone: true });
      else void this.show();
    }));
  }

  /** Shows original and result with the wipe between them. */
  compare(): void {
    if (this.shown) this.post({ kind: 'mode', mode: 'split' });
    else this.comparing = true;
  }

  dispose(): void {
    this.closed = true;
    this.view.dispose();
    this.store.dispose();
  }

  /** What concerns the document waits until the page shows it. */
  private post(message: ToWebview): void {
    if (this.shown) this.send(message);
  }

  /** Nothing is sent to a page that was closed meanwhile: VS Code throws where one asks for it. */
  private send(message: ToWebview): void {
    if (!this.closed) void this.panel.webview.postMessage(message);
  }

  private async receive(message: FromWebview): Promise<void> {
    switch (message.kind) {
      case 'ready':
        return this.show();
      case 'reload':
        this.view.forget();
        return this.show();
      case 'ask':
        return this.answer(message.id, message.question);
      case 'options':
        return this.document.change((options) => { options.choose(message.options); });
      case 'leaveOut':
        return this.document.leaveOut(message.number, message.out);
      case 'findFaces':
        return this.document.findFaces();
      case 'restore':
        return this.document.restore(message.range);
      case 'cancel':
        this.document.cancel();
        return;
      case 'export':
        return this.export(message.choosePlace);
      case 'reveal':
        await commands.executeCommand(env.remoteName === undefined && env.uiKind === UIKind.Desktop ? 'revealFileInOS' : 'revealInExplorer', Uri.file(message.path));
        return;
      case 'trajectoryPanel':
        await commands.executeCommand('difface.openTrajectory', this.document.uri, message.of);
        return;
      case 'useWalk':
        return this.document.useWalk(message.walk);
      case 'useBlend':
        return this.document.change((options) => { options.blend(message.blend); });
      case 'exportWalk':
      case 'exportGrid':
        return exportFromWalk(message, this.document, this.view);
      case 'recipe':
        return this.recipe(message.what);
      case 'showLog':
        this.kernel.log.show(true);
        return;
      default:
        message satisfies never;
    }
  }

  private async recipe(what: Extract<FromWebview, { kind: 'recipe' }>['what']): Promise<void> {
    const { madeBy } = this.document.state;
    switch (what) {
      case 'copy': await commands.executeCommand('difface.copyAsRecipe', this.document.uri); return;
      case 'notebook': await commands.executeCommand('difface.insertIntoNotebook', this.document.uri); return;
      case 'open': if (madeBy) await commands.executeCommand('vscode.open', Uri.file(madeBy.lockfile)); return;
      case 'replay': if (madeBy) await commands.executeCommand('difface.replay', Uri.file(madeBy.lockfile)); return;
      default: what satisfies never;
    }
  }

  private async show(): Promise<void> {
    try {
      const media = await this.view.open();
      const state = this.kernel.state;
      if (state.kind !== 'ready') throw new KernelNotStarted('The DifFace kernel ended; reload to start another.');
      const { models, model, detectors, options } = state.info;
      const chosen = await this.chosenModel(models);
      if (this.closed) return;
      this.shown = true;
      this.send({ kind: 'show', media, name: basename(this.document.source), models: [...models, ...chosen], model, detectors, options, result: this.document.result && basename(this.document.result), look: this.look, document: this.document.state });
      if (this.comparing) this.post({ kind: 'mode', mode: 'split' });
      this.comparing = false;
      const frames = media.kind === 'clip' ? media.duration * media.frameRate : 1;
      await this.document.look(media.kind === 'picture' || (frames > 0 && frames * media.width * media.height <= smallPixels));
    } catch (error) {
      if (this.closed) return;
      this.send({ kind: 'unreadable', message: failureText(error), gone: false });
      await offerRemedy(error, this.kernel);
    }
  }

  private async export(choosePlace: boolean): Promise<void> {
    if (!choosePlace) return this.document.export();
    const { source, uri } = this.document;
    const { dir, name } = parse(source);
    const { output = dir, suffix = defaultSuffix } = this.document.request;
    const extensions = exportExtensions(await this.view.open(), source);
    const chosen = await window.showSaveDialog({
      defaultUri: Uri.file(join(output, `${name}.${suffix}.${extensions[0]!}`)), title: 'Export the Restored File', saveLabel: 'Export', filters: { 'What can be written of it': [...extensions] },
    });
    if (!chosen) return;
    const path = withExtension(chosen.fsPath, extensions);
    // VS Code asked whether a file may be replaced, but never the one that is restored or shown, nor one of a name that nobody saw
    const kept = path !== chosen.fsPath || (await isSameFile(path, source)) || (await isSameFile(path, uri.fsPath));
    await this.document.export({ path, replace: !kept && existsSync(path) });
  }

  /** A model of one's own, a folder, is not among those the kernel lists. */
  private async chosenModel(listed: readonly ModelSummary[]): Promise<readonly ModelSummary[]> {
    const { model } = this.document.state.options;
    if (model === undefined || listed.some(({ name }) => name === model)) return [];
    return [await this.kernel.request(requests.model, { name: model }).catch(() => undefined)].filter((one) => one !== undefined);
  }

  private async answer(id: number, question: Question): Promise<void> {
    try {
      const { result, bytes } = await this.ask(question);
      this.send({ kind: 'answer', id, result, bytes });
    } catch (error) {
      this.send({ kind: 'noAnswer', id, message: failureText(error), cancelled: isCancelled(error) });
    }
  }

  private async ask(question: Question): Promise<Answer> {
    if (isAboutWalks(question)) {
      const { result, handed } = await askAboutWalk(question, this.document, this.view);
      return { result: result as Answer['result'], ...(await taken(handed ?? null)) };
    }
    const restored = 'restored' in question && question.restored ? { restored: this.layer } : {};
    switch (question.what) {
      case 'picture':
        return { result: null, ...(await taken(await this.view.request(requests.picture, restored))) };
      case 'frames': {
        const { from, count, width, height } = question;
        const handed = await this.view.request(requests.frames, { from, count, width, height, ...restored });
        return { result: { places: handed.frames, interrupted: handed.interrupted }, ...(await taken(handed)) };
      }
      case 'sound': {
        const { file, sampleRate, channels } = await this.view.request(requests.sound, { from: question.from, seconds: question.seconds });
        return { result: { sampleRate, channels }, ...(await taken({ file })) };
      }
      case 'thumbnail':
        return { result: null, ...(await taken(await this.view.request(requests.thumbnail, { ticks: question.ticks, width: question.width, height: question.height }))) };
      case 'faceCrop':
        return { result: null, ...(await taken(await this.view.request(requests.faceCrop, { number: question.number, ...(question.restored ? { restored: this.document.request } : {}) }))) };
      case 'index':
        return { result: await this.view.request(requests.index, {}) };
      default:
        return question satisfies never;
    }
  }

  /** Until something is restored here, an earlier result that was opened stands for it. */
  private get layer(): 'result' | MediaDocument['request'] {
    return this.document.result !== undefined && !this.document.anythingRestored ? 'result' : this.document.request;
  }
}

/** Reads what the kernel handed over, and deletes it unless it lasts. */
async function taken(handed: HandedOver | null): Promise<{ readonly bytes?: ArrayBuffer }> {
  if (!handed) return {};
  const bytes = (await readFile(handed.file)).subarray(handed.lasting?.offset ?? 0);
  if (!handed.lasting) void rm(handed.file, { force: true }).catch(() => undefined);
  return { bytes: new Uint8Array(bytes).buffer };
}
