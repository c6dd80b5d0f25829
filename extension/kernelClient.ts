import { join } from 'node:path';
import { EventEmitter, window } from 'vscode';
import { LanguageClient, State, TransportKind } from 'vscode-languageclient/node';
import { requests } from '../kernel/protocol.ts';
import { DisposableStore, type Disposable } from './disposable.ts';
import type { KernelState } from './kernelState.ts';

/** Starts the kernel process, keeps its state, and offers its requests as typed calls. */
export class KernelClient implements Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new EventEmitter<KernelState>());
  private readonly client: LanguageClient;
  private current: KernelState = { kind: 'stopped' };

  readonly onDidChangeState = this.changed.event;

  constructor(extensionPath: string) {
    const module = join(extensionPath, 'dist', 'kernel.cjs');
    const log = this.store.add(window.createOutputChannel('DifFace', { log: true }));
    this.client = new LanguageClient('difface', 'DifFace', { module, transport: TransportKind.ipc }, { documentSelector: [], outputChannel: log });
    this.store.add(this.client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped) this.become({ kind: 'stopped' });
    }));
  }

  get state(): KernelState {
    return this.current;
  }

  /** Starts the kernel unless it runs; resolves when it answers. The outcome is the state. */
  async start(): Promise<void> {
    if (this.current.kind === 'starting' || this.current.kind === 'ready') return;
    this.become({ kind: 'starting' });
    try {
      await this.client.start();
      this.become({ kind: 'ready', info: await this.client.sendRequest(requests.info) });
    } catch (error) {
      this.become({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  }

  dispose(): void {
    void this.client.dispose();
    this.store.dispose();
  }

  private become(state: KernelState): void {
    this.current = state;
    this.changed.fire(state);
  }
}
