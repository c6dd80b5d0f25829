import type { Ask } from './host.ts';
import { FrameIndex } from './player/frameIndex.ts';
import { FrameStore, type Picture } from './player/frameStore.ts';
import { Player } from './player/player.ts';
import { SoundPlayer } from './player/soundPlayer.ts';
import type { ClipViewInfo } from './protocol.ts';
import { Thumbnails, thumbnailSize } from './timeline/thumbnails.ts';
import type { Size } from './viewer/panZoom.ts';

/** Milliseconds the playhead must rest before a frame is fetched in full. */
const rest = 250;

/** A clip as the page holds it: the frames around the playhead, the player, the small pictures of the timeline. */
export class ClipContent {
  readonly store: FrameStore;
  readonly player: Player;
  readonly thumbnails: Thumbnails;
  private readonly preview: Size;
  private revision = -1;
  private shown: { readonly frame: number; readonly picture: Picture } | undefined;
  private full: { readonly frame: number; readonly picture: Picture } | undefined;
  private fullTimer = 0;
  private disposed = false;

  constructor(private readonly ask: Ask, private readonly media: ClipViewInfo, room: Size, position: number, private readonly hasResult: boolean, private readonly onChange: () => void, onFailure: (message: string | undefined) => void) {
    this.preview = previewSize(media, room);
    this.store = new FrameStore(ask, FrameIndex.estimated(media), this.preview, () => { onChange(); }, onFailure);
    this.store.layered = hasResult;
    this.thumbnails = new Thumbnails(ask, () => this.store.index, thumbnailSize({ width: media.width * media.pixelAspect, height: media.height }), onChange);
    this.player = new Player(this.store, media.sound ? new SoundPlayer(ask) : undefined, {
      onChange: () => {
        this.dropFull();
        onChange();
      },
    });
    this.player.position = Math.min(position, this.store.index.count - 1);
    this.store.look(this.player.position);
    void this.readIndex();
  }

  /** The frame under the playhead, or the one shown last while it is on its way. */
  get picture(): { readonly frame: number; readonly picture: Picture } | undefined {
    const frame = this.player.position;
    if (this.full?.frame === frame) return this.full;
    const picture = this.store.get(frame);
    if (picture) {
      this.store.pin(picture);
      this.shown = { frame, picture };
    }
    return this.shown;
  }

  get index(): FrameIndex {
    return this.store.index;
  }

  /** @param revision of the restored pixels */
  follow(anythingRestored: boolean, revision: number): void {
    this.store.layered = anythingRestored || this.hasResult;
    if (revision === this.revision) return;
    this.revision = revision;
    this.store.outdate();
    this.dropFull();
  }

  frameRestored(frame: number): void {
    this.store.layered = true;
    this.store.outdate(frame);
  }

  /** Fetches the frame in full when more of its pixels can be seen than the preview has. @param scale pixels of the screen for a pixel of the clip */
  sharpen(scale: number): void {
    clearTimeout(this.fullTimer);
    if (this.player.playing || this.preview.width >= this.media.width || scale <= (this.preview.width / this.media.width) * 1.1 || this.full?.frame === this.player.position) return;
    const frame = this.player.position;
    this.fullTimer = window.setTimeout(() => void this.fetchFull(frame), rest);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.fullTimer);
    this.player.pause();
    this.dropFull();
    this.store.clear();
    this.thumbnails.dispose();
  }

  private async readIndex(): Promise<void> {
    await this.firstFrame();
    this.thumbnails.begin();
    const { result } = await this.ask({ what: 'index' }).catch(() => ({ result: [] }));  // the estimate stays
    if (this.disposed || result.length === 0) return;
    const seconds = this.index.seconds(this.player.position);
    const index = new FrameIndex(result, this.media.ticksPerSecond, true);
    this.store.reindex(index);
    this.player.position = index.at(seconds + 0.001);
    this.store.look(this.player.position);
    this.onChange();
  }

  /** Everything else waits until there is something to see. */
  private async firstFrame(): Promise<void> {
    for (let i = 0; i < 100 && !this.store.has(this.player.position) && !this.disposed; i++) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  private async fetchFull(frame: number): Promise<void> {
    const { width, height } = this.media;
    const answer = await this.ask({ what: 'frames', from: this.index.ticks[frame]!, count: 1, width, height, restored: this.store.layered }).catch(() => undefined);
    if (!answer) return;                                                // the preview stays
    const { result, bytes } = answer;
    const place = result.places.at(0);
    if (!place || this.disposed || frame !== this.player.position || this.index.nearest(place.ticks) !== frame) return;
    const bitmap = ([at, length]: readonly [number, number]): Promise<ImageBitmap> => createImageBitmap(new Blob([bytes.slice(at, at + length)], { type: 'image/jpeg' }));
    const [original, restored] = await Promise.all([bitmap(place.original), place.restored && bitmap(place.restored)]);
    this.dropFull();
    this.full = { frame, picture: { original, restored } };
    this.onChange();
  }

  private dropFull(): void {
    this.full?.picture.original.close();
    this.full?.picture.restored?.close();
    this.full = undefined;
  }
}

/** Frames as large as the window shows them, at most 1280 px wide: what is drawn smaller need not be sent. Even, as codecs like it. */
export function previewSize({ width, height, pixelAspect }: Pick<ClipViewInfo, 'width' | 'height' | 'pixelAspect'>, room: Size): Size {
  const fit = Math.min(1, room.width / (width * pixelAspect), room.height / height);
  const wanted = Math.min(width, 1280, Math.max(320, Math.ceil((fit * width) / 160) * 160));
  return { width: 2 * Math.round(wanted / 2), height: Math.max(2, 2 * Math.round((wanted * height) / width / 2)) };
}
