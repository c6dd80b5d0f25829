/** Samples of one picture: 8 bit (0..255) or 16 bit (0..65535). */
export type Samples = Uint8Array | Uint16Array;

/** A picture of interleaved RGB samples: `data[3 * (y * width + x) + channel]`. */
export interface RgbImage<S extends Samples = Uint8Array> {
  readonly width: number;
  readonly height: number;
  readonly data: S;
}

/** A point in pixel coordinates: the centre of the top left pixel is (0, 0), as in OpenCV. */
export interface Point {
  readonly x: number;
  readonly y: number;
}
