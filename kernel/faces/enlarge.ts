import type { RgbImage } from '../tensor/rgbImage.ts';
import { roundHalfEven } from '../tensor/rounding.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';

/** The network: a tile (1, 3, h, w) in [0, 1] -> (1, 3, factor h, factor w), not clipped. */
export type EnlargeTile = (tile: Tensor) => Promise<Tensor>;

export interface TileOptions {
  /** Output over input size. */
  readonly factor: number;
  /** Sides must be multiples of this; the picture is mirrored at the right and at the bottom where they are not. */
  readonly multiple: number;
  /** Side of the tiles in pixels; all at once where absent. */
  readonly tile?: number;
  /** What a tile sees of its neighbours, in pixels. */
  readonly padding?: number;
  readonly signal?: AbortSignal;
  readonly onTile?: (tile: number, tiles: number) => void;
}

/** The reference's tiles: 400 px, 10 px of surroundings. */
export const referenceTiles = { tile: 400, padding: 10 } as const;

/** Enlarges a picture tile by tile; only one tile is in memory as numbers. Rounded half to even, clipped. */
export async function enlargePicture(image: RgbImage, enlarge: EnlargeTile, { factor, multiple, tile = Infinity, padding = 0, signal, onTile }: TileOptions): Promise<RgbImage> {
  const [width, height] = [image.width, image.height].map((side) => Math.ceil(side / multiple) * multiple) as [number, number];
  const result = { width: image.width * factor, height: image.height * factor, data: new Uint8Array(3 * image.width * image.height * factor * factor) };
  const [columns, rows] = [Math.ceil(width / tile) || 1, Math.ceil(height / tile) || 1];
  for (let i = 0; i < rows * columns; i++) {
    signal?.throwIfAborted();
    onTile?.(i, rows * columns);
    const across = spanOf(i % columns, width, tile, padding);
    const down = spanOf(Math.floor(i / columns), height, tile, padding);
    place(result, await enlarge(cut(image, across, down)), across, down, factor);
  }
  onTile?.(rows * columns, rows * columns);
  return result;
}

/** Pixels along an axis: those a tile covers, and those it sees. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly seenFrom: number;
  readonly seenTo: number;
}

function spanOf(index: number, length: number, tile: number, padding: number): Span {
  const start = index === 0 ? 0 : index * tile;
  const end = Math.min(start + tile, length);
  return { start, end, seenFrom: Math.max(start - padding, 0), seenTo: Math.min(end + padding, length) };
}

function cut({ width, height, data }: RgbImage, across: Span, down: Span): Tensor {
  const [w, h] = [across.seenTo - across.seenFrom, down.seenTo - down.seenFrom];
  const out = new Float32Array(3 * w * h);
  for (let y = 0; y < h; y++) {
    const row = mirrored(down.seenFrom + y, height) * width;
    for (let x = 0; x < w; x++) {
      const from = 3 * (row + mirrored(across.seenFrom + x, width));
      for (let c = 0; c < 3; c++) out[(c * h + y) * w + x] = data[from + c]! / 255;
    }
  }
  return tensor(out, [1, 3, h, w]);
}

/** Beyond the last pixel the picture goes backwards, without the pixel itself. */
function mirrored(i: number, length: number): number {
  return i < length ? i : Math.max(0, 2 * (length - 1) - i);
}

function place(result: RgbImage, { data, shape }: Tensor, across: Span, down: Span, factor: number): void {
  const [h, w] = shape.slice(-2) as [number, number];
  const [offsetX, offsetY] = [(across.start - across.seenFrom) * factor, (down.start - down.seenFrom) * factor];
  const right = Math.min(across.end * factor, result.width);
  const bottom = Math.min(down.end * factor, result.height);
  for (let y = down.start * factor; y < bottom; y++) {
    for (let x = across.start * factor; x < right; x++) {
      const from = (y - down.start * factor + offsetY) * w + x - across.start * factor + offsetX;
      const to = 3 * (y * result.width + x);
      for (let c = 0; c < 3; c++) result.data[to + c] = roundHalfEven(Math.fround(255 * Math.min(1, Math.max(0, data[c * h * w + from]!))));
    }
  }
}
