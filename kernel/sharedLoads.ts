interface Load<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  /** Who waits for it. */
  waiting: number;
}

/**
 * What takes a while and is wanted by several at once: made once for each key, and begun again after it failed. Nobody's signal ends what others wait for; what nobody waits for any more is told to end.
 */
export class SharedLoads<T> {
  private readonly loads = new Map<string, Load<T>>();

  /** @param keep false: only what is being made is shared; what was made is made again when it is asked for again */
  constructor(private readonly keep = true) {}

  /**
   * @param make gets a signal that fires when nobody waits any more
   * @throws what `make` throws; the reason of `signal` when that fires: at once where others go on waiting, else when what was being made has come to an end
   */
  async get(key: string, make: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (;;) {
      signal?.throwIfAborted();
      const load = this.loads.get(key) ?? this.begin(key, make);
      const givenUp = load.controller.signal.aborted;
      try {
        return await waitFor(load, signal);
      } catch (error) {
        // those before gave it up, and that is why it failed: it is not what this one asked for
        if (!givenUp || signal?.aborted === true) throw error;
      }
    }
  }

  /** What is there or on its way; undefined where nobody asked for it. */
  peek(key: string): Promise<T> | undefined {
    return this.loads.get(key)?.result;
  }

  /** From now on it is this; who waits for another goes on waiting for that. */
  put(key: string, value: T): void {
    this.loads.set(key, { result: Promise.resolve(value), controller: new AbortController(), waiting: 0 });
  }

  /** Makes those again, when they are asked for, whose key is chosen; all of them where nothing is said. */
  forget(chosen: (key: string) => boolean = () => true): void {
    for (const key of [...this.loads.keys()].filter(chosen)) this.loads.delete(key);
  }

  private begin(key: string, make: (signal: AbortSignal) => Promise<T>): Load<T> {
    const controller = new AbortController();
    const forgetThis = (): void => {
      if (this.loads.get(key) === load) this.loads.delete(key);
    };
    const result = make(controller.signal).then((value) => {
      if (!this.keep) forgetThis();
      return value;
    }, (error: unknown) => {
      forgetThis();
      throw error;
    });
    const load: Load<T> = { result, controller, waiting: 0 };
    this.loads.set(key, load);
    return load;
  }
}

function waitFor<T>(load: Load<T>, signal: AbortSignal | undefined): Promise<T> {
  load.waiting++;
  return new Promise<T>((resolve, reject) => {
    const leave = (): void => {
      if (--load.waiting > 0) reject(signal!.reason as Error);
      else load.controller.abort(signal!.reason);                       // the last one waits for it to end: what it wrote is cleared away then
    };
    signal?.addEventListener('abort', leave, { once: true });
    const ending = <V>(end: (outcome: V) => void) => (outcome: V): void => {
      signal?.removeEventListener('abort', leave);
      if (signal?.aborted === true) reject(signal.reason as Error);
      else end(outcome);
    };
    load.result.then(ending(resolve), ending(reject));
  });
}
