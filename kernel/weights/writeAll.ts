import type { FileHandle } from 'node:fs/promises';

/** Writes all bytes at a place of a file: a single write may take fewer, on a disk that gets full without an error. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
}
