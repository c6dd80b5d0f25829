import type { ColourMap } from './colourMap.ts';
import { halfFloats, type Tensor } from './tensor.ts';

/** For each half float the byte it is painted with, by the range that is shown. One is kept: the range seldom changes. */
let table: { readonly low: number; readonly high: number; readonly bytes: Uint8ClampedArray } | undefined;

function byteTable(low: number, high: number): Uint8ClampedArray {
  if (table?.low !== low || table.high !== high) table = { low, high, bytes: Uint8ClampedArray.from(halfFloats, (value) => ((value - low) / (high - low)) * 255) };
  return table.bytes;
}

/** Paints three channels as R, G, B; `low` is black, `high` white. @param into RGBA, opaque */
export function paintColours({ values, height, width }: Tensor, low: number, high: number, into: Uint8ClampedArray): void {
  const pixels = height * width;
  if (values instanceof Float32Array) {
    const scale = 255 / (high - low);
    for (let i = 0, to = 0; i < pixels; i++, to += 4) {
      into[to] = (values[i]! - low) * scale;
      into[to + 1] = (values[pixels + i]! - low) * scale;
      into[to + 2] = (values[2 * pixels + i]! - low) * scale;
      into[to + 3] = 255;
    }
    return;
  }
  const bytes = byteTable(low, high);
  for (let i = 0, to = 0; i < pixels; i++, to += 4) {
    into[to] = bytes[values[i]!]!;
    into[to + 1] = bytes[values[pixels + i]!]!;
    into[to + 2] = bytes[values[2 * pixels + i]!]!;
    into[to + 3] = 255;
  }
}

/** Paints one value for each pixel; `low` is the map's first colour, `high` its last. @param into RGBA, opaque */
export function paintMap(values: Float32Array | Int8Array, map: ColourMap, low: number, high: number, into: Uint8ClampedArray): void {
  const scale = 255 / (high - low);
  for (let i = 0, to = 0; i < values.length; i++, to += 4) {
    const at = 3 * Math.min(255, Math.max(0, Math.round((values[i]! - low) * scale)));
    into[to] = map[at]!;
    into[to + 1] = map[at + 1]!;
    into[to + 2] = map[at + 2]!;
    into[to + 3] = 255;
  }
}

/** Paints as `paintMap` from 0 to `peak`, and lets through what is under it where the values are small. @param opacity at the peak, 0 .. 1 */
export function paintOverlay(values: Float32Array, map: ColourMap, peak: number, opacity: number, into: Uint8ClampedArray): void {
  paintMap(values, map, 0, peak, into);
  for (let i = 0; i < values.length; i++) into[4 * i + 3] = 255 * opacity * Math.min(1, Math.sqrt(Math.max(0, values[i]! / peak)));
}
