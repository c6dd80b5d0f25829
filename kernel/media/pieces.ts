import type { Readable } from 'node:stream';

/** Cuts a stream of bytes into fresh arrays of one length; what is left at the end comes last, if anything is. */
export async function* inPieces(stream: Readable, bytes: number): AsyncGenerator<Uint8Array, void> {
  if (!Number.isInteger(bytes) || bytes < 1) throw new RangeError(`pieces of ${bytes} bytes`);   // would never be full
  let piece = new Uint8Array(bytes);
  let filled = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + bytes - filled);
      piece.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < bytes) continue;
      yield piece;
      piece = new Uint8Array(bytes);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
