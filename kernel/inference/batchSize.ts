import { platform, totalmem } from 'node:os';
import type { DeviceId, Numbers } from './device.ts';
import { cudaCards, nvidiaCards } from './nvidiaCards.ts';

/** Most crops in one batch: more gain nothing, a card of today is busy with far fewer. */
const most = 8;
/**
 * Bytes of activations for each pixel of a crop, for the official UNet, whose first level alone holds some 40 maps of 128 channels: an estimate that is on the safe
 * side. Where it is not, a batch runs out of memory and is halved.
 */
const bytesPerPixel = { float32: 16_384, float16: 8192 } as const satisfies Record<Numbers['precision'], number>;
/** Weights of the official networks, and what the runtime and the driver take for themselves. */
const fixed = { float32: 1.6e9, float16: 1.0e9 } as const satisfies Record<Numbers['precision'], number>;
/** What is taken of the memory that is free: others use the card too. */
const share = 0.8;

/** How many crops a device computes at once: on a CPU one, since more gain nothing there; elsewhere as many as its memory holds. @param size side of a crop in pixels */
export async function batchFor(device: DeviceId, precision: Numbers['precision'], size: number): Promise<number> {
  return device.provider === 'cpu' ? 1 : batchThatFits(await memoryOf(device), precision, size);
}

/** @param bytes memory that is free; undefined where nobody says */
export function batchThatFits(bytes: number | undefined, precision: Numbers['precision'], size: number): number {
  if (bytes === undefined) return 1;
  const room = (share * bytes - fixed[precision]) / (bytesPerPixel[precision] * size ** 2);
  return Math.min(most, Math.max(1, Math.floor(room)));
}

/** Bytes that are free on a device. A Mac's memory is shared with everything: half of it is counted. */
async function memoryOf({ provider, index }: DeviceId): Promise<number | undefined> {
  if (provider === 'coreml' || (provider === 'webgpu' && platform() === 'darwin')) return totalmem() / 2;
  if (provider === 'cpu') return undefined;
  const cards = await (provider === 'cuda' ? cudaCards() : nvidiaCards());
  // DirectML and WebGPU count cards in an order of their own
  const card = provider === 'cuda' ? cards[index] : cards.length === 1 ? cards[0] : undefined;
  return card?.freeBytes ?? card?.memoryBytes;
}
