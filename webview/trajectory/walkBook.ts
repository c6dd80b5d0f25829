import { NoAnswer, type Ask } from '../host.ts';
import type { Branch, RestoreRequest, Turn, WalkedFace, WalkInfo, WalkRef } from '../protocol.ts';
import { PreviewPictures } from './previewPictures.ts';
import { readTensor, type Tensor } from './tensor.ts';
import { growsFrom, turnsKey } from './turns.ts';
import { WalkStates } from './walkStates.ts';
import type { Wish } from './wish.ts';

/** How far a walk is known to the page. */
export type WalkPhase =
  | { readonly kind: 'asking' }
  /** Not walked yet under these options. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'walking' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'ready'; readonly info: WalkInfo; readonly previews: PreviewPictures | undefined };

/** All walks of one face under one set of options: the trunk and what branches from it. */
export class WalkBook {
  readonly states: WalkStates;
  branches: readonly Branch[] = [];
  /** It is known which branches there are; not when nobody could say. */
  branchesKnown = false;
  private readonly phases = new Map<string, WalkPhase>();
  /** Walks whose states were found missing, and that were walked again for it. */
  private readonly rewalked = new Set<string>();
  private disposed = false;

  constructor(readonly of: WalkedFace, private readonly ask: Ask, private readonly onChange: () => void, onStates: () => void) {
    this.states = new WalkStates({ tensor: (wish) => this.read(wish), picture: (wish) => this.readPicture(wish), onChange: onStates, onFailure: (wish, error) => { void this.recover(wish, error); } });
    void this.open([]);
    void this.readBranches();
  }

  /** Known or not, it is asked for. */
  phase(turns: readonly Turn[]): WalkPhase {
    const known = this.phases.get(turnsKey(turns));
    if (known) return known;
    void this.open(turns);
    return { kind: 'asking' };
  }

  info(turns: readonly Turn[]): WalkInfo | undefined {
    const phase = this.phases.get(turnsKey(turns));
    return phase?.kind === 'ready' ? phase.info : undefined;
  }

  walkRef(turns: readonly Turn[]): WalkRef {
    return { ...this.of, turns };
  }

  /** Walks it, which takes its time. @returns whether it could be walked */
  walk(turns: readonly Turn[]): Promise<boolean> {
    this.rewalked.delete(turnsKey(turns));
    return this.open(turns, true);
  }

  /** Asks again for what was not walked: somebody else may have; and for branches nobody could tell of. */
  refresh(): void {
    for (const [key, { kind }] of this.phases) if (kind === 'absent') this.phases.delete(key);
    if (!this.branchesKnown) void this.readBranches();
    this.onChange();
  }

  /** Keeps a walk under a name, or forgets it. @throws Error with a sentence for a person */
  async name(turns: readonly Turn[], name: string | null): Promise<void> {
    const { result } = await this.ask({ what: 'nameBranch', walk: this.walkRef(turns), name });
    if (name === null) for (const branch of this.branches) if (growsFrom(branch.turns, turns)) this.forget(turnsKey(branch.turns));
    this.setBranches(result);
  }

  dispose(): void {
    this.disposed = true;
    this.states.dispose();
    for (const key of [...this.phases.keys()]) this.forget(key);
  }

  private async open(turns: readonly Turn[], compute = false): Promise<boolean> {
    const key = turnsKey(turns);
    this.set(key, { kind: compute ? 'walking' : 'asking' });
    try {
      const walk = this.walkRef(turns);
      const { result: info } = await this.ask({ what: 'walk', walk, compute });
      if (this.ended()) return false;
      if (!info) {
        this.set(key, { kind: 'absent' });
        return false;
      }
      this.set(key, { kind: 'ready', info, previews: undefined });
      this.states.forgive();
      const { result, bytes } = await this.ask({ what: 'previews', walk });
      if (!this.ended()) this.set(key, { kind: 'ready', info, previews: new PreviewPictures(result, bytes) });
      return !this.ended();
    } catch (error) {
      this.set(key, wasCancelled(error) ? { kind: 'absent' } : { kind: 'failed', message: sentenceOf(error) });
      return false;
    }
  }

  private async readBranches(): Promise<void> {
    const answer = await this.ask({ what: 'branches', of: this.of }).catch(() => undefined);  // the trunk can be looked at without them
    if (answer && !this.ended()) this.setBranches(answer.result);
  }

  private setBranches(branches: readonly Branch[]): void {
    this.branches = branches;
    this.branchesKnown = true;
    for (const { turns } of branches) this.phase(turns);
    this.onChange();
  }

  private async read({ turns, state, order }: Wish): Promise<Tensor> {
    const { result, bytes } = await this.ask({ what: 'state', walk: this.walkRef(turns), state, order });
    return readTensor(result, bytes);
  }

  private async readPicture({ turns, state, order }: Wish): Promise<Blob> {
    const { bytes } = await this.ask({ what: 'statePicture', walk: this.walkRef(turns), state, order });
    return new Blob([bytes], { type: 'image/jpeg' });
  }

  /** A state that is gone, though its walk is kept, is made again by walking again, once. */
  private async recover({ turns }: Wish, error: unknown): Promise<void> {
    const key = turnsKey(turns);
    if (this.phases.get(key)?.kind !== 'ready') return;                  // it is on its way already
    if (this.rewalked.has(key)) {
      this.set(key, { kind: 'failed', message: sentenceOf(error) });
      return;
    }
    this.rewalked.add(key);
    await this.open(turns, true);
  }

  private set(key: string, phase: WalkPhase): void {
    if (this.disposed) return;
    const before = this.phases.get(key);
    if (before?.kind === 'ready' && before.previews && !(phase.kind === 'ready' && phase.previews === before.previews)) before.previews.dispose();
    this.phases.set(key, phase);
    this.onChange();
  }

  private forget(key: string): void {
    const phase = this.phases.get(key);
    if (phase?.kind === 'ready') phase.previews?.dispose();
    this.phases.delete(key);
  }

  /** A call, because it changes while one waits. */
  private ended(): boolean {
    return this.disposed;
  }
}

/** That it ended is no failure: it was not wanted any more. */
export function wasCancelled(error: unknown): boolean {
  return error instanceof NoAnswer && error.cancelled;
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What decides how a face is walked: with any other of these, all states are others. */
export function walkKey(options: RestoreRequest, model: string): string {
  const { sampler, start, steps, eta, seed, aligned, independentNoise, backboneOnly } = options;
  return JSON.stringify([options.model ?? model, sampler, start, steps, eta, seed, aligned, independentNoise, backboneOnly]);
}
