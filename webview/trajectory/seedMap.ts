import type { SeedMapInfo } from '../protocol.ts';
import type { Tensor } from './tensor.ts';

/** What many seeds make of one face: where they agree, and where each invents its own. */
export interface SeedMap {
  readonly info: SeedMapInfo;
  readonly mean: Tensor;
  /** One channel: standard deviation at each pixel, in the sampler's units. */
  readonly deviation: Tensor;
}

/** @throws Error when the bytes are not as many as the header says */
export function readSeedMap(info: SeedMapInfo, bytes: ArrayBuffer): SeedMap {
  const pixels = info.size ** 2;
  if (bytes.byteLength !== 16 * pixels) throw new Error(`The seed map has ${bytes.byteLength} bytes and should have ${16 * pixels}.`);
  const side = { height: info.size, width: info.size };
  return { info, mean: { values: new Float32Array(bytes, 0, 3 * pixels), channels: 3, ...side }, deviation: { values: new Float32Array(bytes, 12 * pixels, pixels), channels: 1, ...side } };
}

/** Share of the face, 0 .. 1, whose deviation is above a threshold. */
export function shareAbove({ deviation: { values } }: SeedMap, above: number): number {
  let count = 0;
  for (const value of values) if (value > above) count++;
  return count / values.length;
}
