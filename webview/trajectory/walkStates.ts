import type { Tensor } from './tensor.ts';
import { wishKey, type Need, type Wish } from './wish.ts';
import { WishStore } from './wishStore.ts';

/** States of a larger side than this are shown as pictures first: their numbers are half a megabyte and more, and may come over a slow line. */
const largestUnpictured = 256;
/** Bytes: 16 half-float states of 512 px, the pictures of some 200, and 20 of these decoded. The page as a whole stays well under 400 MB with them. */
const [tensorBytes, pictureBytes, decodedBytes] = [24, 32, 20].map((mebibytes) => mebibytes * 1024 * 1024) as [number, number, number];
/** Milliseconds without a step after which somebody is looking, and the numbers themselves are fetched. */
const rest = 150;
/** States that are decoded, and whose numbers are fetched, before they are asked for. */
const [decodedNearby, exactNearby] = [12, 2];

export interface WalkStatesOptions {
  readonly tensor: (wish: Wish) => Promise<Tensor>;
  /** The state as a person sees it, in full size and eight bits. */
  readonly picture: (wish: Wish) => Promise<Blob>;
  readonly onChange: () => void;
  readonly onFailure: (wish: Wish, error: unknown) => void;
}

/**
 * The states of walks in the page: exact tensors, and where these are large pictures of the whole walk too, so that going from step to step never waits for numbers
 * that nobody reads on the way.
 */
export class WalkStates {
  private readonly tensors: WishStore<Tensor>;
  private readonly pictures: WishStore<Blob>;
  private readonly decoded: WishStore<ImageBitmap>;
  private needs: readonly Need[] = [];
  private nearby: readonly Wish[] = [];
  private place = '';
  /** Runs while somebody walks. */
  private resting: ReturnType<typeof setTimeout> | undefined;

  constructor({ tensor, picture, onChange, onFailure }: WalkStatesOptions) {
    this.tensors = new WishStore({ fetch: tensor, sizeOf: ({ values }) => values.byteLength, limit: tensorBytes, together: 2, onChange, onFailure });
    this.pictures = new WishStore({ fetch: picture, sizeOf: ({ size }) => size, limit: pictureBytes, together: 3, onChange: () => { this.decode(); this.wantTensors(); }, onFailure });
    this.decoded = new WishStore({
      fetch: (wish) => createImageBitmap(this.pictures.get(wish)!), sizeOf: ({ width, height }) => 4 * width * height, limit: decodedBytes, together: 4, onChange, release: (bitmap) => { bitmap.close(); },
    });
  }

  tensor(wish: Wish): Tensor | undefined {
    return this.tensors.get(wish);
  }

  /** In full size. */
  picture(wish: Wish): ImageBitmap | undefined {
    return this.decoded.get(wish);
  }

  /** Something in full size can be shown of it. */
  has(wish: Wish): boolean {
    return this.tensors.get(wish) !== undefined || this.decoded.get(wish) !== undefined;
  }

  /**
   * Replaces what was wished for before.
   * @param needs what is shown now
   * @param nearby what may be shown next, the most probable first
   * @param side of the states, in pixels
   */
  want(needs: readonly Need[], nearby: readonly Wish[], side: number): void {
    [this.needs, this.nearby] = [needs, nearby];
    if (side <= largestUnpictured) {
      this.tensors.want([...needs, ...nearby]);
      return;
    }
    this.pictures.want([...needs.filter(({ picture }) => picture), ...nearby]);
    this.decode();
    const place = needs.map(wishKey).join();
    if (place !== this.place) {
      this.place = place;
      clearTimeout(this.resting);
      this.resting = setTimeout(() => {
        this.resting = undefined;
        this.wantTensors();
      }, rest);
    }
    this.wantTensors();
  }

  /** What could not be had may be asked for again. */
  forgive(): void {
    for (const store of [this.tensors, this.pictures, this.decoded]) store.forgive();
  }

  dispose(): void {
    clearTimeout(this.resting);
    for (const store of [this.tensors, this.pictures, this.decoded]) store.dispose();
  }

  /** While somebody walks on, or pictures for the next steps are on their way, only what a picture cannot stand for. */
  private wantTensors(): void {
    const exact = this.resting === undefined && this.pictured.every((wish) => this.pictures.settled(wish));
    this.tensors.want(exact ? [...this.needs, ...this.nearby.slice(0, exactNearby)] : this.needs.filter(({ picture }) => !picture));
  }

  private decode(): void {
    this.decoded.want(this.pictured.filter((wish) => this.pictures.get(wish) !== undefined));
  }

  /** What is seen now as a picture, or will be before long. */
  private get pictured(): readonly Wish[] {
    return [...this.needs.filter(({ picture }) => picture), ...this.nearby.slice(0, decodedNearby)];
  }
}
