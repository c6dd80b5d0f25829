import type { Ask } from '../host.ts';
import type { WalkRef } from '../protocol.ts';
import { readSeedMap, type SeedMap } from './seedMap.ts';
import { readTensor, type Tensor } from './tensor.ts';
import { turnsKey } from './turns.ts';
import { sentenceOf, wasCancelled } from './walkBook.ts';

/** Milliseconds the threshold must rest before the blend is asked for. */
const rest = 120;

/** Makes the seed map of a walk, and the blend at a threshold. */
export class SeedMapWork {
  map: SeedMap | undefined;
  blended: Tensor | undefined;
  working = false;
  failure: string | undefined;
  private key = '';
  private wanted = -1;
  private timer = 0;

  constructor(private readonly ask: Ask, private readonly onChange: () => void) {}

  /** What was made of another walk is no longer shown. */
  follow(walk: WalkRef): void {
    const key = `${walk.face} ${walk.frame} ${turnsKey(walk.turns)}`;
    if (key !== this.key) this.clear();
    this.key = key;
  }

  clear(): void {
    clearTimeout(this.timer);
    this.key = '';
    this.map = this.blended = this.failure = undefined;
    this.working = false;
    this.wanted = -1;
  }

  /** @returns whether there is a map now */
  async make(walk: WalkRef, seeds: number): Promise<boolean> {
    this.follow(walk);
    const { key } = this;
    this.working = true;
    this.failure = undefined;
    this.onChange();
    try {
      const { result, bytes } = await this.ask({ what: 'seedMap', walk, seeds });
      if (key !== this.key) return false;
      this.map = readSeedMap(result, bytes);
      this.blended = undefined;
      this.wanted = -1;
    } catch (error) {
      if (key === this.key && !wasCancelled(error)) this.failure = sentenceOf(error);
    }
    if (key === this.key) this.working = false;
    this.onChange();
    return this.map !== undefined;
  }

  /** The result with the estimate where the deviation is above a threshold; the last threshold counts. */
  blend(walk: WalkRef, above: number): void {
    if (!this.map || above === this.wanted) return;
    this.wanted = above;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.readBlend(walk, above), rest);
  }

  private async readBlend(walk: WalkRef, above: number): Promise<void> {
    const { map } = this;
    if (!map) return;
    try {
      const { result, bytes } = await this.ask({ what: 'blended', walk, seeds: map.info.seeds.length, above });
      if (map !== this.map || above !== this.wanted) return;
      this.blended = readTensor(result, bytes);
      this.failure = undefined;
    } catch (error) {
      if (map === this.map) this.failure = sentenceOf(error);
    }
    this.onChange();
  }
}
