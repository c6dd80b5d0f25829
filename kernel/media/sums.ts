import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { KernelFailure, messageOf, unreadable } from '../failure.ts';
import type { Samples } from '../tensor/rgbImage.ts';
import { passthroughOption, startReading } from './ffmpeg.ts';
import { readPicture } from './image.ts';

/** Large enough that the processor is busy with hashing, small enough that nothing else waits. */
const pieces = 1 << 20;

/**
 * SHA-256 of a file's bytes, read piece by piece.
 * @throws KernelFailure('input') when it cannot be read
 */
export async function fileSum(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path, { highWaterMark: pieces, ...(signal ? { signal } : {}) })) hash.update(piece as Buffer);
  } catch (error) {
    signal?.throwIfAborted();
    throw unreadable(path, error);
  }
  return hash.digest('hex');
}

/**
 * SHA-256 of a picture's size, depth and samples: the same pixels have the same sum, however they are compressed.
 * @throws KernelFailure('input') for what is no picture
 */
export async function picturePixelSum(path: string): Promise<string> {
  const { image: { width, height, data }, alpha } = await readPicture(path);
  const hash = createHash('sha256').update(`${width}x${height} ${data.BYTES_PER_ELEMENT}\n`);
  addSamples(hash, data);
  if (alpha) addSamples(hash, alpha);
  return hash.digest('hex');
}

/**
 * SHA-256 of all decoded frames of a clip, as its codec has them; ffmpeg sums them up, so that no pixel comes here.
 * @throws KernelFailure('input') for what is no clip
 */
export async function clipPixelSum(path: string, signal: AbortSignal): Promise<string> {
  const reading = await startReading(path, [], ['-map', '0:v:0', '-an', '-sn', '-dn', await passthroughOption(), 'passthrough', '-f', 'hash', '-hash', 'sha256']);
  const stop = (): void => {
    reading.kill();
  };
  signal.addEventListener('abort', stop, { once: true });
  let said = '';
  try {
    for await (const piece of reading.output) said += (piece as Buffer).toString('latin1');
    await reading.finished;
  } catch (error) {
    signal.throwIfAborted();
    throw new KernelFailure('input', `${path} cannot be decoded: ${messageOf(error)}`, { cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
    reading.kill();
  }
  const sum = /SHA256=([0-9a-f]{64})/i.exec(said)?.[1]?.toLowerCase();
  if (sum === undefined) throw new KernelFailure('input', `${path} has no frames that can be decoded`);
  return sum;
}

function addSamples(hash: Hash, { buffer, byteOffset, byteLength }: Samples): void {
  for (let at = 0; at < byteLength; at += pieces) hash.update(new Uint8Array(buffer, byteOffset + at, Math.min(pieces, byteLength - at)));
}
