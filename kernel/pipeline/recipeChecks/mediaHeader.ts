import { stat } from 'node:fs/promises';
import { KernelFailure } from '../../failure.ts';
import { readPictureHeader } from '../../media/image.ts';
import { probeStreams } from '../../media/probe.ts';
import type { MediaHeader } from '../../recipe/language/surroundings.ts';
import { kindOf } from '../collectFiles.ts';

/** A clip's header is read by a process: so many at a time. */
const mostProcesses = 4;
/** What is remembered is forgotten when it is more than a person names. */
const mostKnown = 1000;

interface Known {
  readonly bytes: number;
  /** Time of the last change, in milliseconds. */
  readonly changed: number;
  readonly header: Promise<MediaHeader | string | undefined>;
}

const known = new Map<string, Known>();
let processes = 0;
const waiting: (() => void)[] = [];

/**
 * Reads the header of a picture or a clip, once for each version of the file.
 * @param path absolute
 * @returns why it cannot be read, where that is so; undefined where that cannot be told: the file is gone, or ffprobe is
 */
export async function mediaHeader(path: string): Promise<MediaHeader | string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found || (!found.isFile() && kindOf(path) === 'clip')) return undefined;   // ffprobe would wait for what a pipe brings
  const [bytes, changed] = [found.size, found.mtimeMs];
  const before = known.get(path);
  if (before?.bytes === bytes && before.changed === changed) return before.header;
  if (known.size >= mostKnown) known.clear();
  const header = read(path).catch((error: unknown) => (error instanceof KernelFailure && error.kind === 'input' ? error.message : undefined));
  known.set(path, { bytes, changed, header });
  return header;
}

async function read(path: string): Promise<MediaHeader> {
  if (kindOf(path) !== 'clip') return { kind: 'picture', ...await readPictureHeader(path) };
  while (processes >= mostProcesses) await new Promise<void>((resolve) => waiting.push(resolve));
  processes++;
  try {
    const { width, height, codec } = await probeStreams(path);
    return { kind: 'clip', format: codec, width, height };
  } finally {
    processes--;
    waiting.shift()?.();
  }
}
