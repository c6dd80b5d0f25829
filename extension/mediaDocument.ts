import { basename } from 'node:path';
import { EventEmitter, workspace, type CustomDocument, type Memento, type Uri } from 'vscode';
import { requests, type RestoreRequest } from '../kernel/protocol.ts';
import type { DocumentState, WalkRef } from '../webview/protocol.ts';
import { defaultSeed } from './defaults.ts';
import { DisposableStore } from './disposable.ts';
import { DocumentJobs } from './documentJobs.ts';
import { DocumentMemory } from './documentMemory.ts';
import { DocumentOptions } from './documentOptions.ts';
import type { ExportPlace } from './exportTarget.ts';
import { FaceSearch } from './faceSearch.ts';
import type { JobQueue } from './jobQueue.ts';
import type { KernelClient } from './kernelClient.ts';
import { KernelView } from './kernelView.ts';
import { madeByText } from './madeByWords.ts';
import type { Origins } from './origins.ts';
import { turnedFaces } from './recipeChoice.ts';
import { deviceSetting, lockfileSetting, restoreSettings } from './settings.ts';
import type { FileStamp } from './settledFile.ts';
import { developedText } from './summary.ts';
import { watchFile, type FileWatch } from './watchFile.ts';
import { without } from './without.ts';

/** What all documents share. */
export interface Surroundings {
  readonly kernel: KernelClient;
  readonly queue: JobQueue;
  readonly origins: Origins;
  readonly memory: Memento;
}

/** A file that was opened, and what is known of it. */
export interface OpenedFile {
  readonly uri: Uri;
  /** The original, which is restored: the file itself, or what it was made of. */
  readonly source: Uri;
  /** Of the original. */
  readonly stamp: FileStamp | undefined;
}

/** A file that is open in one or more DifFace editors: what they share, and the work done on it. */
export class MediaDocument implements CustomDocument {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new EventEmitter<Partial<DocumentState>>());
  private readonly frameDone = this.store.add(new EventEmitter<number>());
  private readonly fileChanged = this.store.add(new EventEmitter<'changed' | 'deleted'>());
  private readonly kernel: KernelClient;
  private readonly view: KernelView;
  private readonly faceSearch: FaceSearch;
  private readonly options: DocumentOptions;
  private readonly watch: FileWatch;
  private current: DocumentState;
  private readonly restored = new Set<number>();
  private refreshes = 0;
  private users = 1;

  readonly uri: Uri;
  /** Path of the original. */
  readonly source: string;
  /** Path of an earlier result of it that is shown beside it. */
  readonly result: string | undefined;
  /** What is done on it. */
  readonly jobs: DocumentJobs;
  readonly onDidChange = this.changed.event;
  readonly onFrameRestored = this.frameDone.event;
  readonly onDidChangeFile = this.fileChanged.event;

  constructor(file: OpenedFile, private readonly around: Surroundings, private readonly onEnd: () => void) {
    const { kernel, queue, memory } = around;
    this.uri = file.uri;
    this.source = file.source.fsPath;
    this.result = file.source === file.uri ? undefined : file.uri.fsPath;
    this.kernel = kernel;
    this.options = new DocumentOptions(new DocumentMemory(memory), this.uri.toString(), file.stamp, () => restoreSettings(file.source));
    this.current = {
      options: this.options.all, leftOut: leftOutFaces(this.options.leftOut, { kind: 'unknown' }),
      faces: { kind: 'unknown' }, job: null, outcome: { kind: 'none' }, restored: [], revision: 0, madeBy: null,
      device: kernel.state.kind === 'ready' ? (kernel.state.device?.name ?? null) : null,
    };
    this.view = this.store.add(new KernelView(kernel, this.source, this.result));
    this.jobs = new DocumentJobs(kernel, queue, (part) => { this.update(part); }, (frame) => {
      this.restored.add(frame);
      this.frameDone.fire(frame);
    });
    this.faceSearch = new FaceSearch(kernel, this.view, () => this.options.all.detector, (told) => {
      this.update({ faces: { kind: 'finding', done: told.done } });
      this.jobs.progress(told);
    });
    this.watch = this.store.add(watchFile(file.source, file.stamp, (what, stamp) => { this.becameOther(what, stamp); }));
    this.store.add(workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('difface', file.source)) void this.change((options) => { options.followSettings(this.current.options); });
    }));
    this.store.add(kernel.onDidChangeState((state) => {
      if (state.kind === 'ready') this.update({ device: state.device?.name ?? null });
    }));
  }

  get state(): DocumentState {
    return { ...this.current, restored: [...this.restored] };
  }

  /** Somebody else shows it too, and will dispose of it. */
  share(): this {
    this.users++;
    return this;
  }

  /** Of the original, without its folder. */
  get name(): string {
    return basename(this.source);
  }

  get anythingRestored(): boolean {
    return this.restored.size > 0;
  }

  /** The options with the faces that are not left out. */
  get request(): RestoreRequest {
    const { options, leftOut, faces } = this.current;
    if (faces.kind !== 'found' || (leftOut.length === 0 && faces.faces.every(({ gate }) => gate === undefined))) return options;
    return { ...options, faces: faces.faces.map(({ number }) => number).filter((number) => !leftOut.includes(number)) };
  }

  /** Looks whether the file is still as it was: not every change is told. */
  checkFile(): void {
    this.watch.look();
  }

  /** Learns what is there already: faces that were found, frames that were restored. Small files are searched at once. */
  async look(small: boolean): Promise<void> {
    if (this.current.faces.kind === 'unknown') {
      const { detector } = this.options.all;
      const known = await this.view.request(requests.knownFaces, detector === undefined ? {} : { detector }).catch(() => null);
      if (known) this.updateFaces({ kind: 'found', faces: known });
      else if (small) await this.findFaces();
    }
    await Promise.all([this.refresh(), this.askWhoMadeIt()]);
  }

  /** Takes the options of a recipe, and its faces. */
  async take(request: RestoreRequest): Promise<void> {
    const { faces = 'all' } = request;
    await this.change((choices) => { choices.choose(without(request, 'faces')); });
    if (this.current.faces.kind !== 'found') await this.findFaces();
    if (this.current.faces.kind !== 'found') return;
    const turned = turnedFaces(faces, this.current.faces.faces);
    await this.change((choices) => { choices.leaveOutOnly(turned); });
  }

  async findFaces(): Promise<void> {
    try {
      await this.find();
      await this.refresh();
    } catch (error) {
      const outcome = this.jobs.failure(error);
      if (outcome.kind === 'failed') this.update({ outcome });
    }
  }

  /** Lets something be chosen for this file. */
  async change(choose: (options: DocumentOptions) => void): Promise<void> {
    const before = this.current.options.detector ?? 'auto';
    choose(this.options);
    this.update({ options: this.options.all, leftOut: leftOutFaces(this.options.leftOut, this.current.faces) });
    if ((this.options.all.detector ?? 'auto') !== before) await this.lookAgain();
    await this.refresh();
  }

  /** Takes a face in or leaves it out. */
  leaveOut(number: number, out: boolean): Promise<void> {
    return this.change((options) => { options.leaveOut(number, out !== gatedFaces(this.current.faces).includes(number)); });
  }

  /** Restores into the kernel's store; the editors show it as it comes. @param range frames of a clip */
  async restore(range?: { readonly first: number; readonly last: number }): Promise<void> {
    let asked: RestoreRequest | undefined;                              // options that change meanwhile are for the next time
    await this.jobs.work('restore', `Restoring ${this.name}`, async (job, signal) => {
      if (this.current.faces.kind !== 'found') await this.find(signal);
      signal.throwIfAborted();
      asked ??= this.request;
      const request = asked;
      if (request.faces?.length === 0) return { kind: 'failed', text: 'All faces are left out. Click one to restore it.' };
      const developed = await this.kernel.request(requests.develop, { path: this.source, options: request, job, device: deviceSetting(), ...(range ? { range } : {}) }, signal);
      return { kind: developed.faces === 0 ? 'noFace' : 'restored', text: developedText(developed, this.current.device, request.backboneOnly === true || request.model === 'identity' ? null : (request.seed ?? defaultSeed)) };
    }, () => this.refresh());                                           // what the outcome speaks of is there when it is said
  }

  /** Puts the face a walk ended in into the picture; of a clip, all frames of the face take its turns once they are restored. */
  async useWalk(walk: WalkRef): Promise<void> {
    const { face, turns } = walk;
    await this.change((options) => { options.branch(walk); });
    if (turns.length === 0) return;
    try {
      await this.view.request(requests.adopt, { options: this.current.options, walk });
      this.update({ outcome: { kind: 'restored', text: `Face ${face} is the branch's now` } });
    } catch (error) {
      this.update({ outcome: this.jobs.failure(error) });
    }
    await this.refresh();
  }

  /** Writes a result. @param place beside the original or in the folder of the setting where absent */
  async export(place?: ExportPlace): Promise<void> {
    const request = this.request;
    await this.jobs.work('export', `Exporting ${this.name}`, async (job, signal) => {
      const result = await this.kernel.request(requests.export, { path: this.source, options: request, job, device: deviceSetting(), lockfile: lockfileSetting(this.uri), ...(place ? { place } : {}) }, signal);
      if (result.status !== 'restored') return { kind: 'failed', text: 'Nothing was restored yet.' };
      this.around.origins.remember(result.output, this.source);
      const other = place && place.path !== result.output ? [`${basename(place.path)} is there already`] : [];
      return { kind: 'exported', text: [`Written to ${basename(result.output)}`, ...other, ...result.notes].join('; '), path: result.output };
    });
  }

  /** Stops what is done on this file, a search for its faces included. */
  cancel(): void {
    this.jobs.cancel();
    this.faceSearch.cancel();
  }

  /** Whoever is the last to let go of it ends it. */
  dispose(): void {
    if (--this.users > 0) return;
    this.cancel();
    this.store.dispose();
    this.onEnd();
  }

  /** Another detector finds other faces, with other numbers. */
  private async lookAgain(): Promise<void> {
    const known = this.current.faces.kind !== 'unknown';
    this.faceSearch.cancel();
    this.updateFaces({ kind: 'unknown' });
    if (known) await this.findFaces();
  }

  private updateFaces(faces: DocumentState['faces']): void {
    this.update({ faces, leftOut: leftOutFaces(this.options.leftOut, faces) });
  }

  private async find(signal?: AbortSignal): Promise<void> {
    try {
      const faces = await this.faceSearch.find(signal);
      this.updateFaces({ kind: 'found', faces });
    } catch (error) {
      if (!this.faceSearch.busy) this.update({ faces: { kind: 'unknown' } });
      throw error;
    }
  }

  /** The file was changed, or went, or came back: what was found and done in the one before is worthless. */
  private becameOther(what: 'changed' | 'deleted', stamp: FileStamp | undefined): void {
    this.cancel();
    this.view.forget();
    this.restored.clear();
    if (stamp) this.options.found(stamp);
    this.update({ faces: { kind: 'unknown' }, restored: [], outcome: { kind: 'none' }, options: this.options.all, leftOut: leftOutFaces(this.options.leftOut, { kind: 'unknown' }) });
    this.fileChanged.fire(what);
  }

  /** Learns what made the result that is shown; at once what its lockfile says, then whether it was changed since. */
  private async askWhoMadeIt(): Promise<void> {
    if (this.result === undefined) return;
    for (const verify of [false, true]) {
      const made = await this.kernel.request(requests.madeBy, { path: this.result, verify }).catch(() => null);
      this.update({ madeBy: made && { text: madeByText(made), changed: made.changed === true, lockfile: made.lockfile } });
      if (!made) return;
    }
  }

  /** Asks the kernel what is restored under the options as they are now. */
  private async refresh(): Promise<void> {
    const turn = ++this.refreshes;
    const restored = await this.view.request(requests.restored, { options: this.request }).catch(() => []);
    if (turn !== this.refreshes) return;                                // asked again meanwhile
    this.restored.clear();
    for (const frame of restored) this.restored.add(frame);
    this.update({ restored, revision: this.current.revision + 1 });
  }

  private update(part: Partial<DocumentState>): void {
    this.current = { ...this.current, ...part };
    this.changed.fire(part);
  }
}

/** Numbers of the faces that hold too little to restore from: they are left out until they are chosen. */
function gatedFaces(faces: DocumentState['faces']): readonly number[] {
  return faces.kind === 'found' ? faces.faces.flatMap(({ number, gate }) => (gate ? [number] : [])) : [];
}

/** @param turned numbers of the faces that a person chose otherwise */
function leftOutFaces(turned: readonly number[], faces: DocumentState['faces']): readonly number[] {
  const gated = gatedFaces(faces);
  return [...gated.filter((number) => !turned.includes(number)), ...turned.filter((number) => !gated.includes(number))].sort((a, b) => a - b);
}
