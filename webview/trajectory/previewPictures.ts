import type { Place, Previews } from '../protocol.ts';

/** A small picture: for the filmstrip by its address, for a pane that still waits for the tensor as a bitmap. */
export interface SmallPicture {
  readonly address: string;
  /** Absent until it is decoded. */
  bitmap: ImageBitmap | undefined;
}

export interface SmallState {
  readonly xT: SmallPicture;
  readonly predX0: SmallPicture;
}

/** The small pictures of one walk. */
export class PreviewPictures {
  readonly input: SmallPicture;
  readonly estimate: SmallPicture;
  /** One for each kept state. */
  readonly states: readonly SmallState[];
  private disposed = false;

  constructor(previews: Previews, bytes: ArrayBuffer) {
    const small = ([offset, length]: Place): SmallPicture => {
      const blob = new Blob([bytes.slice(offset, offset + length)], { type: 'image/jpeg' });
      const picture: SmallPicture = { address: URL.createObjectURL(blob), bitmap: undefined };
      void createImageBitmap(blob).then((bitmap) => {
        if (this.disposed) bitmap.close();
        else picture.bitmap = bitmap;
      }, () => undefined);                                               // the pane stays empty until the tensor is there
      return picture;
    };
    this.input = small(previews.input);
    this.estimate = small(previews.estimate);
    this.states = previews.states.map(({ xT, predX0 }) => ({ xT: small(xT), predX0: small(predX0) }));
  }

  dispose(): void {
    this.disposed = true;
    for (const { address, bitmap } of [this.input, this.estimate, ...this.states.flatMap(({ xT, predX0 }) => [xT, predX0])]) {
      URL.revokeObjectURL(address);
      bitmap?.close();
    }
  }
}
