import type { Ask } from './host.ts';
import type { FaceCrops } from './restore/faceStrip.ts';
import type { DocumentState } from './protocol.ts';

/** A picture as the page holds it: the original, the restored one, and the crops of its faces. */
export class PictureContent {
  original: ImageBitmap | undefined;
  restored: ImageBitmap | undefined;
  readonly crops = new Map<number, FaceCrops>();
  private revision = -1;
  private disposed = false;

  constructor(private readonly ask: Ask, private readonly hasResult: boolean, private readonly onChange: () => void, private readonly onFailure: (message: string | undefined) => void) {
    void this.load(false);
  }

  follow({ faces, restored, revision }: DocumentState): void {
    if (faces.kind === 'found') for (const { number } of faces.faces) if (!this.crops.has(number)) void this.loadCrop(number, false);
    if (revision === this.revision) return;
    this.revision = revision;
    if (restored.length === 0 && !this.hasResult) {
      this.replace(undefined);
      return;
    }
    void this.load(true);
    for (const number of restored) void this.loadCrop(number, true);
  }

  dispose(): void {
    this.disposed = true;
    this.original?.close();
    this.restored?.close();
    for (const { original, restored } of this.crops.values()) for (const address of [original, restored]) if (address !== undefined) URL.revokeObjectURL(address);
  }

  private async load(restored: boolean): Promise<void> {
    const { revision } = this;
    try {
      const { bytes } = await this.ask({ what: 'picture', restored });
      const picture = await createImageBitmap(new Blob([bytes]));
      this.onFailure(undefined);
      if (this.disposed || (restored && revision !== this.revision)) picture.close();
      else if (restored) this.replace(picture);
      else {
        this.original = picture;
        this.onChange();
      }
    } catch (error) {
      this.onFailure(error instanceof Error ? error.message : String(error));
    }
  }

  private replace(picture: ImageBitmap | undefined): void {
    this.restored?.close();
    this.restored = picture;
    this.onChange();
  }

  private async loadCrop(number: number, restored: boolean): Promise<void> {
    const known = this.crops.get(number) ?? { original: undefined, restored: undefined };
    this.crops.set(number, known);
    const answer = await this.ask({ what: 'faceCrop', number, restored }).catch(() => undefined);
    if (!answer || answer.bytes.byteLength === 0 || this.disposed) return;
    const address = URL.createObjectURL(new Blob([answer.bytes], { type: 'image/jpeg' }));
    const now = this.crops.get(number)!;
    const before = restored ? now.restored : now.original;
    if (before !== undefined) URL.revokeObjectURL(before);
    this.crops.set(number, restored ? { ...now, restored: address } : { ...now, original: address });
    this.onChange();
  }
}
