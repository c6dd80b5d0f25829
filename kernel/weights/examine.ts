import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { openStateDict, type SummedRun } from '../checkpoint/stateDict.ts';
import { KernelFailure, messageOf } from '../failure.ts';
import { checkFit } from '../models/fit.ts';
import { createNetwork, networkNames, parseNetwork } from '../models/network.ts';
import { describeLayout, layoutOf } from './layout.ts';
import { difface } from './official.ts';
import { officialFiles, type OfficialFile } from './officialFiles.ts';

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
}

/**
 * Reads all of a file: its SHA-256, the CRC-32 of each of its parts where it says them, and whether its tensors are those of the official file.
 * @throws KernelFailure('checkpoint') when it is damaged or holds something else
 */
export async function examine(path: string, file: OfficialFile, options: ExamineOptions = {}): Promise<Examined> {
  const dict = await openStateDict(path);
  let runs: readonly SummedRun[];
  try {
    if (layoutOf(dict.entries).digest !== file.layout.digest) refuseLayout(path, file, dict.entries);
    runs = dict.sums;
  } finally {
    await dict.close();
  }
  const { sha256, bytes } = await sumOf(path, runs, options);
  return { sha256, bytes, published: file.sha256 === undefined ? 'unknown' : sha256 === file.sha256 ? 'same' : 'other' };
}

/** The official file whose tensors a checkpoint holds, by names and shapes; undefined for another network. @throws KernelFailure('checkpoint') when it cannot be read */
export async function recogniseFile(path: string): Promise<{ readonly file: OfficialFile | undefined; readonly holds: string }> {
  const dict = await openStateDict(path);
  try {
    const { digest } = layoutOf(dict.entries);
    return { file: officialFiles.find(({ layout }) => layout.digest === digest), holds: describeLayout(dict.entries) };
  } finally {
    await dict.close();
  }
}

/** Where the network is one that runs here, every key that does not fit is named. */
function refuseLayout(path: string, file: OfficialFile, entries: Parameters<typeof describeLayout>[0]): never {
  const known = [difface.backbone, difface.denoiser].find((network) => network.file === file.file);
  const holds = describeLayout(entries);
  let details = '';
  if (known && holds.startsWith(describedAs[known.architecture])) {
    try {
      checkFit(path, createNetwork(parseNetwork(known.architecture, known.params)).bind(), networkNames[known.architecture], entries);
    } catch (error) {
      details = ` ${messageOf(error)}`;
    }
  }
  const { tensors, values } = file.layout;
  throw new KernelFailure('checkpoint', `${path} is not ${file.file}: it holds ${holds}, where ${file.title} has ${tensors} tensors with ${values.toLocaleString('en-US')} values.${details}`);
}

const describedAs = { unet: 'a diffusion model', swinir: 'a SwinIR' } as const;

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
