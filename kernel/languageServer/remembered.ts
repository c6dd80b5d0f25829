/** Asks again only after a while: many questions come with each key that is pressed, and what is asked about changes under them. */
export class Remembered<T> {
  private readonly known = new Map<string, { readonly value: Promise<T>; readonly since: number }>();

  constructor(private readonly ask: (key: string) => Promise<T>, private readonly milliseconds: number) {}

  of(key: string): Promise<T> {
    const known = this.known.get(key);
    const now = performance.now();
    if (known && now - known.since < this.milliseconds) return known.value;
    if (this.known.size > 500) this.forget();
    const value = this.ask(key);
    this.known.set(key, { value, since: now });
    return value;
  }

  forget(): void {
    this.known.clear();
  }
}
