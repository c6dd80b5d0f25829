import type { Value } from '../nn/value.ts';

/** Size of a batch of token maps. */
export interface TokenMap {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
}

/** How tokens are laid out in rows: row by row, or window by window after the map was rolled up and left by `shift`. */
export type TokenOrder = 'rows' | { readonly window: number; readonly shift: number };

/** Tokens (B H W, C) in a known order. Only what mixes neighbours needs to know it, so tokens are moved as rarely as possible. */
export interface Tokens {
  readonly value: Value;
  readonly order: TokenOrder;
  readonly map: TokenMap;
}

/** Brings tokens into another order: one gather of whole rows, or nothing at all. */
export function arrange(tokens: Tokens, order: TokenOrder): Tokens {
  const [from, to] = [pixelOrder(tokens.map, tokens.order), pixelOrder(tokens.map, order)];
  if (from.every((pixel, row) => pixel === to[row])) return { ...tokens, order };
  const rowOf = new Int32Array(from.length);
  from.forEach((pixel, row) => { rowOf[pixel] = row; });
  return { value: tokens.value.takeRows(to.map((pixel) => rowOf[pixel]!)), order, map: tokens.map };
}

/** For every row of the order the index b H W + y W + x of its token; windows run row by row, and so do the tokens in them. */
export function pixelOrder({ batch, height, width }: TokenMap, order: TokenOrder): Int32Array {
  const { window, shift } = order === 'rows' ? { window: 1, shift: 0 } : order;
  const pixels = new Int32Array(batch * height * width);
  let row = 0;
  for (let b = 0; b < batch; b++) {
    for (let top = 0; top < height; top += window) {
      for (let left = 0; left < width; left += window) {
        for (let i = 0; i < window * window; i++) {
          const y = (top + Math.floor(i / window) + shift) % height;
          const x = (left + (i % window) + shift) % width;
          pixels[row++] = (b * height + y) * width + x;
        }
      }
    }
  }
  return pixels;
}

/**
 * What is added to the logits: (windows, w², w²); 0 between tokens of one region of the rolled map. Between tokens that only the roll made
 * neighbours it is so low that their share is exactly 0: the -100 of the paper's code leaves denormal numbers, which processors multiply several times slower.
 */
export function shiftMask(height: number, width: number, window: number, shift: number): Float32Array {
  const band = (position: number, extent: number): number => (position < extent - window ? 0 : position < extent - shift ? 1 : 2);
  const area = window * window;
  const mask = new Float32Array((height * width / area) * area * area);
  const regions = new Int32Array(area);
  let offset = 0;
  for (let top = 0; top < height; top += window) {
    for (let left = 0; left < width; left += window) {
      for (let i = 0; i < area; i++) regions[i] = 3 * band(top + Math.floor(i / window), height) + band(left + (i % window), width);
      for (const mine of regions) {
        for (const theirs of regions) mask[offset++] = mine === theirs ? 0 : -1000;
      }
    }
  }
  return mask;
}

/** The learned bias between every two tokens of a window, from the table ((2w-1)², heads) to (heads, w², w²). */
export function relativePositionBias(table: Float32Array, window: number, heads: number): Float32Array {
  const area = window * window;
  const bias = new Float32Array(heads * area * area);
  for (let i = 0; i < area; i++) {
    for (let j = 0; j < area; j++) {
      const dy = Math.floor(i / window) - Math.floor(j / window) + window - 1;
      const dx = (i % window) - (j % window) + window - 1;
      for (let head = 0; head < heads; head++) bias[(head * area + i) * area + j] = table[(dy * (2 * window - 1) + dx) * heads + head]!;
    }
  }
  return bias;
}
