import { dirname, extname, join } from 'node:path';
import { CancellationTokenSource, EventEmitter, window, type LogOutputChannel } from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, ResponseError, State, TransportKind, type RequestType } from 'vscode-languageclient/node';
import { notifications, requests, type ActiveDevice, type FailureData, type JobProgress } from '../kernel/protocol.ts';
import { DisposableStore, type Disposable } from './disposable.ts';
import { KernelLost, RequestFailure } from './failures.ts';
import type { KernelState } from './kernelState.ts';
import { ffmpegSetting, kernelSettings } from './settings.ts';

/** Starts the kernel process when it is first needed, keeps its state, and offers its requests as typed calls. */
export class KernelClient implements Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new EventEmitter<KernelState>());
  private readonly progressed = this.store.add(new EventEmitter<JobProgress>());
  private readonly module: string;
  private client: LanguageClient | undefined;
  private starting: Promise<LanguageClient> | undefined;
  private current: KernelState = { kind: 'stopped' };
  private starts = 0;
  private readonly stopped = new WeakSet<LanguageClient>();

  readonly log: LogOutputChannel;
  readonly onDidChangeState = this.changed.event;
  readonly onProgress = this.progressed.event;

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

  /** Starts the kernel unless it runs. The outcome is the state. */
  async start(): Promise<void> {
    await this.running().catch(() => undefined);
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
   * @throws RequestFailure for what a person should read; KernelLost when the process ended before it answered
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

  private running(): Promise<LanguageClient> {
    this.starting ??= this.launch();
    return this.starting;
  }

  private async launch(): Promise<LanguageClient> {
    this.become({ kind: 'starting' });
    const client = this.create();
    this.client = client;
    try {
      await client.start();
      this.starts++;
      const info = await client.sendRequest(requests.info);
      if (this.client === client) this.become({ kind: 'ready', info, device: undefined });
      return client;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (this.client === client) {
        this.starting = this.client = undefined;
        this.become({ kind: 'failed', message });
      }
      throw new RequestFailure('dependency', `the DifFace kernel did not start: ${message}`);
    }
  }

  private create(): LanguageClient {
    const client = new LanguageClient('difface', 'DifFace', { module: this.module, transport: TransportKind.ipc, options: { env: environment() } }, {
      documentSelector: [], outputChannel: this.log, initializationOptions: kernelSettings(),
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
    client.onNotification(notifications.device, (device: ActiveDevice) => {
      if (this.current.kind === 'ready') this.become({ ...this.current, device });
    });
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped) this.lost(client);
    });
    return client;
  }

  /** The process ended by itself: the next request starts another. */
  private lost(client: LanguageClient): void {
    if (this.client !== client) return;
    this.client = this.starting = undefined;
    this.log.warn('the kernel process ended');
    this.become({ kind: 'stopped' });
  }

  private become(state: KernelState): void {
    this.current = state;
    this.changed.fire(state);
  }
}

/** What the process inherits, and the ffmpeg of the setting. */
function environment(): NodeJS.ProcessEnv {
  const ffmpeg = ffmpegSetting();
  return ffmpeg === undefined ? process.env : { ...process.env, DIFFACE_FFMPEG: ffmpeg, DIFFACE_FFPROBE: join(dirname(ffmpeg), `ffprobe${extname(ffmpeg)}`) };
}
