import type { RequestType } from 'vscode-languageclient/node';
import { requests, type FailureData, type MediaInfo, type ViewParams } from '../kernel/protocol.ts';
import type { Disposable } from './disposable.ts';
import type { KernelClient } from './kernelClient.ts';

let views = 0;

/** One file as the kernel shows it. When the kernel was restarted, the file is opened there again before the next question. */
export class KernelView implements Disposable {
  private readonly name = `view-${++views}`;
  private opened: { readonly generation: number; readonly info: Promise<MediaInfo> } | undefined;

  constructor(private readonly kernel: KernelClient, private readonly path: string, private readonly result: string | undefined) {}

  /** @throws RequestFailure when the file cannot be shown; KernelNotStarted */
  async open(): Promise<MediaInfo> {
    await this.kernel.start();
    if (this.opened?.generation !== this.kernel.generation) this.reopen();
    return this.opened!.info;
  }

  async request<P extends ViewParams, R>(type: RequestType<P, R, FailureData>, params: Omit<P, 'view'>, signal?: AbortSignal): Promise<R> {
    await this.open();
    return this.kernel.request(type, { ...params, view: this.name } as P, signal);
  }

  /** The file changed: what was known of it is worthless. */
  forget(): void {
    this.opened = undefined;
  }

  dispose(): void {
    if (this.opened?.generation === this.kernel.generation && this.kernel.state.kind === 'ready') void this.kernel.request(requests.close, { view: this.name }).catch(() => undefined);
  }

  private reopen(): void {
    const info = this.kernel.request(requests.open, { view: this.name, path: this.path, ...(this.result === undefined ? {} : { result: this.result }) });
    const opened = { generation: this.kernel.generation, info };
    this.opened = opened;
    info.catch(() => {
      if (this.opened === opened) this.opened = undefined;
    });
  }
}
