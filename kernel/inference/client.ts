import { fork, type ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KernelFailure } from '../failure.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { deviceName, type Numbers, type Provider } from './device.ts';
import { cudaOrder } from './nvidiaCards.ts';
import { OutOfMemory } from './outOfMemory.ts';
import type { FromChild, KeptState, RestoreJob, RestoreOutcome, ToChild } from './protocol.ts';

export interface InferenceOptions {
  readonly provider: Provider;
  /** Which of several cards, counted from 0. */
  readonly index?: number;
  /** What the graphs are computed in, where that is known: CUDA then keeps to it. */
  readonly precision?: Numbers['precision'];
  readonly threads?: number;
  /** Gives way to other processes. */
  readonly background?: boolean;
}

export interface RestoreListener {
  readonly signal?: AbortSignal;
  readonly onStep?: (step: number, steps: number) => void;
  readonly onState?: (state: KeptState) => void;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly listener: RestoreListener;
}

type WithoutId<T> = T extends { readonly id: number } ? Omit<T, 'id'> : never;

/**
 * The kernel's side of one inference process. The process starts with the first request; when it dies, all pending requests fail with
 * KernelFailure('device') and the next request starts a fresh one and loads the networks again.
 */
export class InferenceClient {
  private child: ChildProcess | undefined;
  private nextId = 1;
  private readonly pending = new Map<number, Pending>();
  private readonly networks = new Map<string, string>();
  private errors = '';

  constructor(readonly options: InferenceOptions) {}

  /** Process id of the running child, for tests and for the log. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Loads a graph under a name; restoring uses `backbone` and `denoiser`. */
  async load(name: string, path: string): Promise<void> {
    if (this.child && this.networks.get(name) === path) return;
    await this.request({ kind: 'load', name, path, ...this.session });
    this.networks.set(name, path);
  }

  private get session(): { readonly provider: Provider; readonly index: number; readonly threads?: number } {
    const { provider, index = 0, threads } = this.options;
    return { provider, index, ...(threads === undefined ? {} : { threads }) };
  }

  async infer(name: string, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    await this.reload();
    return (await this.request({ kind: 'infer', name, feeds })) as Record<string, Tensor>;
  }

  /** @throws KernelFailure('cancelled') soon after the signal, between two steps; ('device') if the process dies */
  async restore(job: RestoreJob, listener: RestoreListener = {}): Promise<RestoreOutcome> {
    await this.reload();
    return (await this.request({ kind: 'restore', job }, listener)) as RestoreOutcome;
  }

  /** Ends the process at once and forgets the networks: memory that a driver held for it is free then. */
  reset(): void {
    this.networks.clear();
    this.dispose();
  }

  /** Ends the process at once. */
  dispose(): void {
    const child = this.child;
    this.child = undefined;
    child?.kill('SIGKILL');
    this.failAll(new KernelFailure('cancelled', 'the inference process was stopped'));
  }

  /** After a crash the fresh process knows no networks. */
  private async reload(): Promise<void> {
    if (this.child) return;
    for (const [name, path] of this.networks) await this.request({ kind: 'load', name, path, ...this.session });
  }

  private request(message: WithoutId<ToChild>, listener: RestoreListener = {}): Promise<unknown> {
    const { signal } = listener;
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const child = this.start();
    const id = this.nextId++;
    const cancel = (): void => {
      child.send({ kind: 'cancel', id } satisfies ToChild);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    return new Promise<unknown>((resolve, reject) => {
      this.pending.set(id, { resolve, reject, listener });
      child.send({ ...message, id }, (error) => {
        if (error && this.pending.delete(id)) reject(new KernelFailure('device', `the inference process cannot be reached: ${error.message}`));
      });
    }).finally(() => signal?.removeEventListener('abort', cancel));
  }

  /** float32 means float32: NVIDIA's libraries round to 10 bits (TF32) otherwise, and the runtime's own switch is not to be had from here. Cards are counted as they are listed. */
  private get environment(): NodeJS.ProcessEnv {
    const { provider, precision } = this.options;
    if (provider !== 'cuda') return process.env;
    return { ...(precision === 'float32' ? { NVIDIA_TF32_OVERRIDE: '0' } : {}), ...process.env, ...cudaOrder };
  }

  private start(): ChildProcess {
    if (this.child) return this.child;
    const { path, execArgv } = childEntry();
    const child = fork(path, [], {
      serialization: 'advanced',
      execArgv,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...this.environment, ...(process.versions['electron'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' }) },
    });
    this.child = child;
    this.errors = '';
    if (this.options.background === true && child.pid !== undefined) giveWay(child.pid);
    child.stderr?.on('data', (chunk: Buffer) => {
      this.errors = (this.errors + chunk.toString()).slice(-2000);
    });
    child.on('message', (message) => {
      this.receive(message as FromChild);
    });
    child.on('exit', (code, signal) => {
      if (this.child !== child) return;
      this.child = undefined;
      const how = signal === null ? `with exit code ${code ?? 'unknown'}` : `by ${signal}`;
      const said = this.errors.split('\n').filter((line) => !chatter.test(line)).join('\n').trim();
      const starved = signal === 'SIGKILL';                             // by the operating system: nobody else kills it that way without disposing of it first
      const where = this.options.provider === 'cpu' ? '' : ` on ${deviceName({ index: 0, ...this.options })}`;
      const message = `the inference process${where} ended ${how} in the middle of its work${starved ? ' (too little memory?)' : ''}${said === '' ? '' : `; it said: ${said}`}; try again`;
      this.failAll(starved ? new OutOfMemory(message) : new KernelFailure('device', message));
    });
    child.on('error', (error) => {
      if (this.child === child) this.child = undefined;
      this.failAll(new KernelFailure('device', `the inference process cannot start: ${error.message}`, { cause: error }));
    });
    return child;
  }

  private receive(message: FromChild): void {
    const pending = this.pending.get(message.id);
    if (!pending) return;
    switch (message.kind) {
      case 'step':
        pending.listener.onStep?.(message.step, message.steps);
        return;
      case 'state':
        pending.listener.onState?.(message.state);
        return;
      case 'done':
        this.pending.delete(message.id);
        pending.resolve(message.result);
        return;
      case 'failed':
        this.pending.delete(message.id);
        pending.reject(failureOf(message, pending.listener.signal));
        return;
      default:
        message satisfies never;
    }
  }

  private failAll(error: KernelFailure): void {
    const all = [...this.pending.values()];
    this.pending.clear();
    for (const { reject } of all) reject(error);
  }
}

function failureOf({ failure, message }: Extract<FromChild, { kind: 'failed' }>, signal: AbortSignal | undefined): unknown {
  if (failure === 'bug') return new Error(message);
  if (failure === 'memory') return new OutOfMemory(message);
  return (failure === 'cancelled' ? signal?.reason : undefined) ?? new KernelFailure(failure, message);
}

/** What graphics drivers print though all is well. */
const chatter = /^Warning: |XDG_RUNTIME_DIR/;

/** Before the runtime starts its threads, which inherit the priority. */
function giveWay(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // not allowed here: it runs like the others
  }
}

/** The child's program: the source beside this file where sources run, else the bundle beside this bundle. */
export function childEntry(): { readonly path: string; readonly execArgv: string[] } {
  const here = fileURLToPath(import.meta.url);
  return here.endsWith('.ts')
    ? { path: join(dirname(here), 'process.ts'), execArgv: ['--import', 'tsx'] }
    : { path: join(dirname(here), 'inferenceProcess.cjs'), execArgv: [] };
}
