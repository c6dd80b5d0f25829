/** Something that gives back what it holds. */
export interface Disposable {
  dispose(): unknown;
}

/** Collects disposables at their birth and disposes them in reverse order. */
export class DisposableStore implements Disposable {
  private readonly items: Disposable[] = [];

  add<T extends Disposable>(item: T): T {
    this.items.push(item);
    return item;
  }

  dispose(): void {
    while (this.items.length > 0) this.items.pop()!.dispose();
  }
}
