/** By what a file is told from another of its name. */
export interface FileStamp {
  readonly size: number;
  readonly mtime: number;
}

export function sameStamp(a: FileStamp | undefined, b: FileStamp | undefined): boolean {
  return a?.size === b?.size && a?.mtime === b?.mtime;
}

/**
 * Says what became of a file, once it has come to rest: who writes a file slowly, or replaces it by deleting it first, shall not show a damaged or a missing one meanwhile.
 * It looks at the file itself; whoever has an idea that something happened to it calls `look`.
 */
export class SettledFile {
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  /**
   * @param stamp as it is known; undefined where there is no such file
   * @param read as it is now
   * @param quiet milliseconds without a change after which it counts as finished
   */
  constructor(private stamp: FileStamp | undefined, private readonly read: () => Promise<FileStamp | undefined>, private readonly tell: (what: 'changed' | 'deleted', stamp: FileStamp | undefined) => void, private readonly quiet = 300) {}

  look(): void {
    void this.read().then((now) => {
      if (!sameStamp(now, this.stamp)) this.wait(now);
    });
  }

  dispose(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private wait(seen: FileStamp | undefined): void {
    if (this.ended) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      void this.read().then((now) => {
        if (this.ended) return;
        if (!sameStamp(now, seen)) this.wait(now);
        else if (!sameStamp(now, this.stamp)) {
          this.stamp = now;
          this.tell(now ? 'changed' : 'deleted', now);
        }
      });
    }, this.quiet);
  }
}
