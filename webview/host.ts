import type { Answers, FromWebview, Question, ToWebview } from './protocol.ts';

/** The one object VS Code gives a page. */
interface VsCodeApi<S> {
  postMessage(message: unknown): void;
  getState(): S | undefined;
  setState(state: S): void;
}

declare function acquireVsCodeApi<S>(): VsCodeApi<S>;

interface Pending {
  readonly resolve: (answer: { readonly result: unknown; readonly bytes: ArrayBuffer }) => void;
  readonly reject: (error: Error) => void;
  /** A person stopped the work while it was waited for. */
  stopped: boolean;
}

/** A question was not answered; its message is a sentence for a person. */
export class NoAnswer extends Error {
  /** @param cancelled a person did not want it any more */
  constructor(message: string, readonly cancelled: boolean) {
    super(message);
  }
}

type Notice = Exclude<ToWebview, { readonly kind: 'answer' | 'noAnswer' }>;

/** The extension's side of the page: messages, questions with their answers, and state that outlives the page. */
export class Host<S> {
  private readonly api = acquireVsCodeApi<S>();
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;

  constructor(listener: (message: Notice) => void) {
    window.addEventListener('message', (event: MessageEvent<ToWebview>) => {
      const message = event.data;
      if (message.kind !== 'answer' && message.kind !== 'noAnswer') {
        listener(message);
        return;
      }
      const pending = this.pending.get(message.id);
      this.pending.delete(message.id);
      if (message.kind === 'answer') pending?.resolve({ result: message.result, bytes: message.bytes ?? new ArrayBuffer(0) });
      else pending?.reject(new NoAnswer(message.message, message.cancelled === true || pending.stopped));
    });
  }

  /** What was kept when the page was hidden or the window reloaded. */
  recall(): S | undefined {
    return this.api.getState();
  }

  keep(state: S): void {
    this.api.setState(state);
  }

  tell(message: FromWebview): void {
    if (message.kind === 'cancel') for (const pending of this.pending.values()) pending.stopped = true;
    this.api.postMessage(message);
  }

  /** @throws NoAnswer */
  ask<Q extends Question>(question: Q): Promise<{ readonly result: Answers[Q['what']]; readonly bytes: ArrayBuffer }> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve: resolve as Pending['resolve'], reject, stopped: false });
      this.tell({ kind: 'ask', id, question });
    });
  }
}

export type Ask = Host<unknown>['ask'];
