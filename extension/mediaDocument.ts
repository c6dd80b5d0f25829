import { basename } from 'node:path';
import { EventEmitter, window, workspace, type CustomDocument, type Memento, type Uri } from 'vscode';
import { requests, type FileResult, type RestoreRequest } from '../kernel/protocol.ts';
import type { DocumentState, JobState, Outcome, WalkRef } from '../webview/protocol.ts';
import { DisposableStore } from './disposable.ts';
import { failureText } from './failureMessages.ts';
import { acrossCrashes, isCancelled, RequestFailure } from './failures.ts';
import type { JobQueue } from './jobQueue.ts';
import type { KernelClient } from './kernelClient.ts';
import { KernelView } from './kernelView.ts';
import type { Origins } from './origins.ts';
import { ProgressTeller } from './progressText.ts';
import { deviceSetting, restoreSettings } from './settings.ts';
import { watchFile } from './watchFile.ts';

let jobs = 0;

/** What a person chose for a file; outlives the window. */
interface Remembered {
  readonly chosen: RestoreRequest;
  readonly leftOut: readonly number[];
}

/** A file that is open in one or more DifFace editors: what they share, and the work done on it. */
export class MediaDocument implements CustomDocument {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new EventEmitter<Partial<DocumentState>>());
  private readonly frameDone = this.store.add(new EventEmitter<number>());
  private readonly fileChanged = this.store.add(new EventEmitter<'changed' | 'deleted'>());
  private readonly view: KernelView;
  private controller: AbortController | undefined;
  private finding: Promise<void> | undefined;
  private searching: AbortController | undefined;
  private current: DocumentState;
  private chosen: RestoreRequest;
  private readonly restored = new Set<number>();
  private refreshes = 0;
  private users = 1;

  readonly onDidChange = this.changed.event;
  readonly onFrameRestored = this.frameDone.event;
  readonly onDidChangeFile = this.fileChanged.event;

  /**
   * @param source the original, which is restored
   * @param result an earlier result of it that is shown beside it
   */
  constructor(readonly uri: Uri, readonly source: string, readonly result: string | undefined, private readonly sourceUri: Uri, private readonly kernel: KernelClient, private readonly queue: JobQueue, private readonly memory: Memento, private readonly origins: Origins, private readonly onEnd: () => void) {
    const remembered = memory.get<Remembered>(this.memoryKey);
    this.chosen = remembered?.chosen ?? {};
    this.current = {
      options: { ...restoreSettings(sourceUri), ...this.chosen }, leftOut: remembered?.leftOut ?? [],
      faces: { kind: 'unknown' }, job: null, outcome: { kind: 'none' }, restored: [], revision: 0,
      device: kernel.state.kind === 'ready' ? (kernel.state.device?.provider ?? null) : null,
    };
    this.view = this.store.add(new KernelView(kernel, source, result));
    this.store.add(watchFile(sourceUri, (what) => {
      this.view.forget();
      this.restored.clear();
      this.update({ faces: { kind: 'unknown' }, restored: [], outcome: { kind: 'none' } });
      this.fileChanged.fire(what);
    }));
    this.store.add(workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('difface', sourceUri)) void this.choose({ ...restoreSettings(sourceUri), ...this.chosen });
    }));
    this.store.add(kernel.onDidChangeState((state) => {
      if (state.kind === 'ready') this.update({ device: state.device?.provider ?? null });
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
    if (leftOut.length === 0 || faces.kind !== 'found') return options;
    return { ...options, faces: faces.faces.map(({ number }) => number).filter((number) => !leftOut.includes(number)) };
  }

  /** Learns what is there already: faces that were found, frames that were restored. Small files are searched at once. */
  async look(small: boolean): Promise<void> {
    if (this.current.faces.kind === 'unknown') {
      const known = await this.view.request(requests.knownFaces, {}).catch(() => null);
      if (known) this.update({ faces: { kind: 'found', faces: known } });
      else if (small) await this.findFaces();
    }
    await this.refresh();
  }

  async findFaces(): Promise<void> {
    try {
      await this.find();
      await this.refresh();
    } catch (error) {
      if (!isCancelled(error)) this.update({ outcome: { kind: 'failed', text: failureText(error) } });
    }
  }

  /** Looks for the faces; whoever asks while they are looked for waits for the same search. */
  private find(): Promise<void> {
    this.finding ??= this.search(this.searching = new AbortController()).finally(() => {
      this.finding = undefined;
    });
    return this.finding;
  }

  private async search({ signal }: AbortController): Promise<void> {
    this.update({ faces: { kind: 'finding', done: 0 } });
    const job = `find-${++jobs}`;
    const listening = this.kernel.onProgress(({ job: of, progress }) => {
      if (of !== job || progress.stage !== 'detecting') return;
      const done = progress.frame / Math.max(1, progress.frames);
      this.update({ faces: { kind: 'finding', done }, ...(this.current.job ? { job: { ...this.current.job, text: `Looking for faces, ${Math.floor(done * 100)} %`, done: 0 } } : {}) });
    });
    try {
      const faces = await acrossCrashes(() => this.view.request(requests.findFaces, { job }, signal), () => undefined);
      this.update({ faces: { kind: 'found', faces } });
    } catch (error) {
      this.update({ faces: { kind: 'unknown' } });
      throw error;
    } finally {
      listening.dispose();
    }
  }

  /** What differs from the settings is remembered for this file; the rest follows them. */
  async choose(asked: RestoreRequest): Promise<void> {
    const settings = restoreSettings(this.sourceUri);
    const options = withoutStrayBranches(asked, this.current.options);
    this.chosen = Object.fromEntries(Object.entries(options).filter(([name, value]) => name !== 'output' && name !== 'suffix' && JSON.stringify(settings[name as keyof RestoreRequest]) !== JSON.stringify(value)));
    this.update({ options: { ...settings, ...this.chosen } });
    this.remember();
    await this.refresh();
  }

  async leaveOut(number: number, out: boolean): Promise<void> {
    const rest = this.current.leftOut.filter((other) => other !== number);
    this.update({ leftOut: out ? [...rest, number].sort((a, b) => a - b) : rest });
    this.remember();
    await this.refresh();
  }

  /** Restores into the kernel's store; the editors show it as it comes. @param range frames of a clip */
  async restore(range?: { readonly first: number; readonly last: number }): Promise<void> {
    let asked: RestoreRequest | undefined;                              // options that change meanwhile are for the next time
    await this.work('restore', async (job, signal) => {
      if (this.current.faces.kind !== 'found') await this.find();
      signal.throwIfAborted();
      asked ??= this.request;
      const request = asked;
      if (request.faces?.length === 0) return { kind: 'failed', text: 'All faces are left out. Click one to restore it.' };
      const { faces, frames, seconds } = await this.kernel.request(requests.develop, { path: this.source, options: request, job, device: deviceSetting(), ...(range ? { range } : {}) }, signal);
      return { kind: 'restored', text: faces === 0 ? 'No face was found' : `${count(faces, 'face')}${frames > 1 ? ` in ${frames} frames` : ''} restored in ${seconds.toFixed(1)} s${this.where}, seed ${request.seed ?? 12_345}` };
    });
  }

  /** Puts the face a walk ended in into the picture; of a clip, all frames of the face take its turns once they are restored. */
  async useWalk({ face, frame, turns }: WalkRef): Promise<void> {
    const others = this.current.options.branches?.filter((branch) => branch.face !== face) ?? [];
    const { branches: _, ...rest } = this.current.options;
    const branches = turns.length === 0 ? others : [...others, { face, turns }];
    await this.choose(branches.length === 0 ? rest : { ...rest, branches });
    if (turns.length === 0) return;
    try {
      await this.view.request(requests.adopt, { options: this.current.options, walk: { face, frame, turns } });
      this.update({ outcome: { kind: 'restored', text: `Face ${face} is the branch's now` } });
    } catch (error) {
      this.update({ outcome: { kind: 'failed', text: failureText(error) } });
    }
    await this.refresh();
  }

  /** Blends the estimate in where seeds disagree, in all faces. */
  async useBlend(blend: { readonly seeds: number; readonly above: number } | null): Promise<void> {
    const { blend: _, ...rest } = this.current.options;
    const everywhere = restoreSettings(this.sourceUri).blend !== undefined;
    await this.choose(blend || everywhere ? { ...rest, blend: blend ?? 'none' } : rest);
  }

  /**
   * Does something with walks in the queue, with its progress as the document's job; waits for what is under way.
   * @throws RequestFailure, also when it is cancelled
   */
  async walk<T>(title: string, task: (job: string, signal: AbortSignal) => Promise<T>): Promise<T> {
    while (this.current.job) await this.jobEnded();
    try {
      return await this.inQueue('walk', title, task);
    } catch (error) {
      throw this.controller?.signal.aborted === true ? new RequestFailure('cancelled', 'The walk was cancelled.') : error;
    } finally {
      this.controller = undefined;
      this.update({ job: null });
    }
  }

  /** Likewise, with something written at its end. */
  async exportWalk(title: string, task: (job: string, signal: AbortSignal) => Promise<string>): Promise<void> {
    try {
      const path = await this.walk(title, task);
      this.update({ outcome: { kind: 'exported', text: `Written to ${basename(path)}`, path } });
    } catch (error) {
      this.update({ outcome: isCancelled(error) ? { kind: 'cancelled' } : { kind: 'failed', text: failureText(error) } });
    }
  }

  /** Writes a result. @param wanted its path; beside the original or in the folder of the setting where absent */
  async export(wanted?: string): Promise<void> {
    const request = this.request;
    await this.work('export', async (job, signal) => {
      const result: FileResult = await this.kernel.request(requests.export, { path: this.source, options: request, job, device: deviceSetting(), ...(wanted === undefined ? {} : { wanted }) }, signal);
      if (result.status !== 'restored') return { kind: 'failed', text: 'Nothing was restored yet.' };
      const notes = result.notes.map((note) => `; ${note}`).join('');
      this.origins.remember(result.output, this.source);
      const other = wanted !== undefined && wanted !== result.output ? `; ${basename(wanted)} is there already` : '';
      return { kind: 'exported', text: `Written to ${basename(result.output)}${other}${notes}`, path: result.output };
    });
  }

  /** Stops what is done on this file, a search for its faces included. */
  cancel(): void {
    this.controller?.abort();
    this.searching?.abort();
  }

  /** Whoever is the last to let go of it ends it. */
  dispose(): void {
    if (--this.users > 0) return;
    this.cancel();
    this.store.dispose();
    this.onEnd();
  }

  private get where(): string {
    return this.current.device === null ? '' : ` on ${this.current.device.toUpperCase()}`;
  }

  private get memoryKey(): string {
    return `document ${this.uri.toString()}`;
  }

  private async work(what: 'restore' | 'export', task: (job: string, signal: AbortSignal) => Promise<Outcome>): Promise<void> {
    if (this.current.job) return;
    const title = `${what === 'restore' ? 'Restoring' : 'Exporting'} ${basename(this.source)}`;
    let outcome: Outcome;
    try {
      outcome = await this.inQueue(what, title, task);
    } catch (error) {
      const cancelled = this.controller?.signal.aborted === true || isCancelled(error);
      if (!cancelled) this.kernel.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      outcome = cancelled ? { kind: 'cancelled' } : { kind: 'failed', text: failureText(error) };
    }
    this.controller = undefined;
    if (what === 'restore') await this.refresh();                        // what the outcome speaks of is there when it is said
    this.update({ job: null, outcome });
  }

  /** Waits for its turn, tells how far it is, and does the work again when the kernel is lost. The caller ends the job. */
  private inQueue<T>(what: JobState['what'], title: string, task: (job: string, signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.controller = controller;
    this.update({ job: { what, text: 'Waiting for other work', done: 0, waiting: true }, outcome: { kind: 'none' } });
    return this.queue.add(title, async ({ signal, report }) => {
      this.update({ job: { what, text: title, done: 0, waiting: false } });
      const job = `${what}-${++jobs}`;
      const teller = new ProgressTeller();
      const listening = this.kernel.onProgress(({ job: of, progress }) => {
        if (of !== job) return;
        if (progress.stage === 'frameDone') this.frameRestored(progress.frame);
        const told = teller.tell(progress);
        if (!told) return;
        report(told.done);
        this.update({ job: { what, ...told, waiting: false } });
      });
      try {
        return await acrossCrashes(() => task(job, signal), (lost) => {
          if (lost.asked) return;
          void window.showWarningMessage(`The DifFace kernel ended unexpectedly. It was started again, and ${title.charAt(0).toLowerCase()}${title.slice(1)} goes on where it was.`, 'Show Log').then((chosen) => {
            if (chosen !== undefined) this.kernel.log.show(true);
          });
        });
      } finally {
        listening.dispose();
      }
    }, controller.signal);
  }

  private jobEnded(): Promise<void> {
    return new Promise((resolve) => {
      const listening = this.onDidChange(({ job }) => {
        if (job !== null) return;
        listening.dispose();
        resolve();
      });
    });
  }

  private frameRestored(frame: number): void {
    this.restored.add(frame);
    this.frameDone.fire(frame);
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

  private remember(): void {
    void this.memory.update(this.memoryKey, { chosen: this.chosen, leftOut: this.current.leftOut } satisfies Remembered);
  }

  private update(part: Partial<DocumentState>): void {
    this.current = { ...this.current, ...part };
    this.changed.fire(part);
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Branches belong to one walk: with another seed or recipe they lead elsewhere. */
function withoutStrayBranches(asked: RestoreRequest, before: RestoreRequest): RestoreRequest {
  if ((['model', 'sampler', 'start', 'steps', 'eta', 'seed'] as const).every((name) => asked[name] === before[name])) return asked;
  const { branches: _, ...rest } = asked;
  return rest;
}
