import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CancellationTokenSource, EventEmitter, window, type LogOutputChannel } from 'vscode';
import { CloseAction, ErrorAction, ResponseError, State, TransportKind, type RequestType } from 'vscode-languageclient/node';
import { notifications, questions, requests, type ActiveDevice, type DeviceFailure, type FailureData, type JobProgress, type KernelInfo, type WeightsJobProgress } from '../kernel/protocol.ts';
import { DisposableStore, type Disposable } from './disposable.ts';
import { inEditorWords, sentence } from './editorWords.ts';
import { KernelLost, KernelNotStarted, RequestFailure } from './failures.ts';
import { ffprobeBeside } from './ffprobePath.ts';
import type { KernelState } from './kernelState.ts';
import { QuietClient } from './quietClient.ts';
import { ffmpegSetting, kernelSettings } from './settings.ts';

/** Starts the kernel process when it is first needed, keeps its state, and offers its requests as typed calls. */
export class KernelClient implements Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new EventEmitter<KernelState>());
  private readonly progressed = this.store.add(new EventEmitter<JobProgress>());
  private readonly weightsProgressed = this.store.add(new EventEmitter<WeightsJobProgress>());
  private readonly modelsChanged = this.store.add(new EventEmitter<void>());
  private readonly module: string;
  private client: QuietClient | undefined;
  private starting: Promise<QuietClient> | undefined;
  private current: KernelState = { kind: 'stopped' };
  private starts = 0;
  private telling = false;
  private deviceFailed: (failure: DeviceFailure) => Promise<boolean> = () => Promise.resolve(false);
  private readonly stopped = new WeakSet<QuietClient>();

  readonly log: LogOutputChannel;
  readonly onDidChangeState = this.changed.event;
  readonly onProgress = this.progressed.event;
  /** Weights were installed or removed. */
  readonly onDidChangeModels = this.modelsChanged.event;
  readonly onWeightsProgress = this.weightsProgressed.event;

  constructor(extensionPath: string) {
    this.module = join(extensionPath, 'dist', 'kernel.cjs');
    this.log = this.store.add(window.createOutputChannel('DifFace', { log: true }));
  }

  get state(): KernelState {
    return this.current;
  }

  /** Counts the starts: what a process was told is gone with it. */
  get generation(): number {
    return this.starts;
  }

  /**
   * Starts the kernel unless it runs.
   * @throws KernelNotStarted when it cannot be started, of which a person is told here; KernelLost when it was stopped meanwhile
   */
  async start(): Promise<void> {
    await this.running();
  }

  /** @param answer whether work goes on on another device when one fails; until there is an answer it does not */
  answerDeviceFailure(answer: (failure: DeviceFailure) => Promise<boolean>): void {
    this.deviceFailed = answer;
  }

  /** Asks again which models there are: weights were installed or removed. */
  async refresh(): Promise<void> {
    const client = await this.running();
    const info = await infoOf(client);
    if (this.client === client && this.current.kind === 'ready') this.become({ ...this.current, info });
    this.modelsChanged.fire();
  }

  /** Ends the process; the next request starts a fresh one. */
  async stop(): Promise<void> {
    const client = this.client;
    if (client) this.stopped.add(client);
    this.client = this.starting = undefined;
    await client?.dispose(2000).catch(() => undefined);
    this.become({ kind: 'stopped' });
  }

  /**
   * @throws RequestFailure for what a person should read; KernelLost when the process ended before it answered; KernelNotStarted when it cannot be started
   */
  async request<P, R>(type: RequestType<P, R, FailureData>, params: P, signal?: AbortSignal): Promise<R> {
    const client = await this.running();
    const source = new CancellationTokenSource();
    const cancel = (): void => {
      source.cancel();
    };
    if (signal?.aborted === true) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await client.sendRequest<R>(type.method, params, source.token);
    } catch (error) {
      if (signal?.aborted === true) throw new RequestFailure('cancelled', 'cancelled');
      if (error instanceof ResponseError) {
        const data = error.data as FailureData | undefined;
        if (data) throw new RequestFailure(data.kind, error.message);
      }
      if (this.client !== client) throw new KernelLost(this.stopped.has(client));
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
      source.dispose();
    }
  }

  dispose(): void {
    void this.client?.dispose(2000).catch(() => undefined);
    this.store.dispose();
  }

  private running(): Promise<QuietClient> {
    this.starting ??= this.launch();
    return this.starting;
  }

  /** The start has one outcome, and it is decided here: what the process does meanwhile only leads to it. */
  private async launch(): Promise<QuietClient> {
    this.become({ kind: 'starting' });
    const client = this.create();
    this.client = client;
    try {
      await client.start();
      this.starts++;
      const info = await infoOf(client);
      if (this.client === client) {
        this.become({ kind: 'ready', info, device: undefined });
        return client;
      }
    } catch (error) {
      if (this.client === client) throw this.notStarted(client, error);
    }
    await client.stop().catch(() => undefined);                         // somebody stopped it, or another was started, before it was there
    throw new KernelLost(true);
  }

  private notStarted(client: QuietClient, error: unknown): KernelNotStarted {
    this.starting = this.client = undefined;
    void client.dispose(2000).catch(() => undefined);
    this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const failure = error instanceof ResponseError && error.data !== undefined ? new KernelNotStarted(`The DifFace kernel did not start: ${sentence(error.message)}`) : new KernelNotStarted();
    this.become({ kind: 'failed', message: failure.message });
    if (!this.telling) void this.tell(failure);
    return failure;
  }

  /** One message, however many wait for the process. */
  private async tell({ message }: KernelNotStarted): Promise<void> {
    this.telling = true;
    const chosen = await window.showErrorMessage(message, 'Restart', 'Show Log');
    this.telling = false;
    if (chosen === 'Show Log') this.log.show(true);
    if (chosen === 'Restart') await this.start().catch(() => undefined);
  }

  private create(): QuietClient {
    const client = new QuietClient('difface', 'DifFace', { module: this.module, transport: TransportKind.ipc, options: { env: environment() } }, {
      documentSelector: [], outputChannel: this.log, initializationOptions: kernelSettings(),
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          this.lost(client);
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
    });
    client.onNotification(notifications.progress, (progress) => {
      this.progressed.fire(progress);
    });
    client.onNotification(notifications.weights, (progress) => {
      this.weightsProgressed.fire(progress);
    });
    client.onNotification(notifications.device, (device: ActiveDevice) => {
      if (this.current.kind === 'ready') this.become({ ...this.current, device });
    });
    client.onRequest(questions.deviceFailed, (failure) => {
      this.log.warn(`${failure.device} failed: ${failure.reason}`);
      return this.deviceFailed(failure);
    });
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped) this.lost(client);
    });
    return client;
  }

  /** The process ended by itself: the next request starts another. */
  private lost(client: QuietClient): void {
    if (this.client !== client || this.current.kind === 'starting') return;
    this.client = this.starting = undefined;
    this.log.warn('the kernel process ended');
    this.become({ kind: 'stopped' });
  }

  private become(state: KernelState): void {
    this.current = state;
    this.changed.fire(state);
  }
}

/** What the kernel can do, in words of the editor. */
async function infoOf(client: QuietClient): Promise<KernelInfo> {
  const info = await client.sendRequest(requests.info);
  return { ...info, models: info.models.map((model) => (model.notice === undefined ? model : { ...model, notice: inEditorWords(model.notice) })) };
}

/** What a process of the product inherits, and the ffmpeg of the setting. */
export function environment(): NodeJS.ProcessEnv {
  const ffmpeg = ffmpegSetting();
  return ffmpeg === undefined ? process.env : { ...process.env, DIFFACE_FFMPEG: ffmpeg, DIFFACE_FFPROBE: ffprobeBeside(ffmpeg, existsSync) };
}
