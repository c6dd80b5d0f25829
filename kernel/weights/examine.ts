import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { openStateDict, type SummedRun } from '../checkpoint/stateDict.ts';
import { KernelFailure, messageOf } from '../failure.ts';
import { describeLayout, layoutOf } from './layout.ts';
import { officialFiles, type OfficialFile } from './officialFiles.ts';
import { nearestFile, requireLayout } from './requireLayout.ts';

/** What a file turned out to be. */
export interface Examined {
  readonly sha256: string;
  readonly bytes: number;
  readonly published: Published;
}

/** How a file compares with the published one: the same bytes, others (a fine-tuned or converted copy), or nobody published a sum. */
export type Published = 'same' | 'other' | 'unknown';

export interface ExamineOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Networks that work beside the model are taken in any size, not in the published one alone. */
  readonly anySize?: boolean;
}

/**
 * Reads all of a file: its SHA-256, the CRC-32 of each of its parts where it says them, and whether its tensors are those of the official file, or of one that serves in its place.
 * @throws KernelFailure('checkpoint') when it is damaged or holds something else
 */
export async function examine(path: string, file: OfficialFile, options: ExamineOptions = {}): Promise<Examined> {
  const dict = await openStateDict(path);
  let runs: readonly SummedRun[];
  let official: boolean;
  try {
    official = requireLayout(path, file, dict.entries, options.anySize === true);
    runs = dict.sums;
  } finally {
    await dict.close();
  }
  const { sha256, bytes } = await sumOf(path, runs, options);
  return { sha256, bytes, published: publishedAs(file, sha256, official) };
}

function publishedAs(file: OfficialFile, sha256: string, official: boolean): Published {
  if (!official) return 'other';
  return file.sha256 === undefined ? 'unknown' : sha256 === file.sha256 ? 'same' : 'other';
}

/** What a checkpoint holds. */
export interface RecognisedFile {
  /** The official file whose tensors it has, by names and shapes; undefined for another network. */
  readonly file: OfficialFile | undefined;
  /** The one that most of its tensors are of, where it is none. */
  readonly nearest: OfficialFile | undefined;
  readonly holds: string;
}

/** @throws KernelFailure('checkpoint') when it cannot be read */
export async function recogniseFile(path: string): Promise<RecognisedFile> {
  const dict = await openStateDict(path);
  try {
    const { digest } = layoutOf(dict.entries);
    const file = officialFiles.find(({ layout }) => layout.digest === digest);
    return { file, nearest: file ? undefined : nearestFile(dict.entries), holds: describeLayout(dict.entries) };
  } finally {
    await dict.close();
  }
}

/**
 * One pass over the file. The runs are its own parts in order; one that does not have the sum the file says of it is damaged.
 * @throws KernelFailure('checkpoint') naming the damaged part
 */
export async function sumOf(path: string, runs: readonly SummedRun[], { signal, onProgress }: ExamineOptions = {}): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const total = (await stat(path)).size;
  const hash = createHash('sha256');
  const sums = new RunSums(path, runs);
  let at = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      signal?.throwIfAborted();
      const bytes = chunk as Buffer;
      hash.update(bytes);
      sums.update(bytes, at);
      at += bytes.length;
      onProgress?.(at, total);
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new KernelFailure('checkpoint', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
    throw error;
  }
  sums.finish();
  return { sha256: hash.digest('hex'), bytes: at };
}

/** CRC-32 of runs that follow one another, from chunks of any size. */
class RunSums {
  private index = 0;
  private sum = 0;

  constructor(private readonly path: string, private readonly runs: readonly SummedRun[]) {}

  update(chunk: Buffer, start: number): void {
    for (let run = this.runs[this.index]; run; run = this.runs[this.index]) {
      const [from, to] = [Math.max(run.offset, start), Math.min(run.offset + run.bytes, start + chunk.length)];
      if (from < to) this.sum = crc32(chunk.subarray(from - start, to - start), this.sum);
      if (run.offset + run.bytes > start + chunk.length) return;
      if (this.sum !== run.crc32) throw damaged(this.path, run.name);
      this.index++;
      this.sum = 0;
    }
  }

  finish(): void {
    const rest = this.runs[this.index];
    if (rest) throw damaged(this.path, rest.name);
  }
}

function damaged(path: string, part: string): KernelFailure {
  return new KernelFailure('checkpoint', `${path} is damaged: its part ${part} does not have the checksum the file says of it`);
}
