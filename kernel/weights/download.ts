import { open, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { KernelFailure } from '../failure.ts';
import { diskFailure, requireRoom } from './diskFailure.ts';
import { inMegabytes } from './megabytes.ts';
import { createAgent, proxyShown, type NetworkSettings } from './network.ts';
import { persistently, usualPatience, type Patience } from './persistence.ts';
import type { OnWeightsProgress } from './progress.ts';
import { failureOf, forWeights, type Purpose } from './purpose.ts';
import { SecondsLeft } from './secondsLeft.ts';
import { shownAddress } from './shownAddress.ts';
import { writeSmallFile } from './smallFile.ts';
import { ask, connectionFailure, Interruption, webPage, type Answer, type AskOptions } from './transfer.ts';
import { HostUnreachable } from './unreachable.ts';
import { writeAll } from './writeAll.ts';

export interface DownloadRequest {
  /** Its name in messages and progress. */
  readonly file: string;
  readonly address: string;
  /** Path it is going to have, for messages. */
  readonly path: string;
  /** Where the bytes gather; what an earlier attempt left there is gone on from. */
  readonly part: string;
  /** Sizes that can be right, and about how much it is where the server does not say. */
  readonly bytes: { readonly least: number; readonly most: number; readonly likely: number };
  readonly network: NetworkSettings;
  readonly signal: AbortSignal;
  readonly onProgress: OnWeightsProgress;
  readonly patience?: Patience | undefined;
  /** Weights where absent. */
  readonly purpose?: Purpose;
}

const noteSchema = z.object({
  address: z.string(), version: z.string(),
  /** Whether the server sends the rest of a file; absent where that is not known. */
  ranges: z.boolean().optional(),
});
type Note = z.infer<typeof noteSchema>;

/** What is noted beside a part: which version of which file it is a part of. */
export function noteOf(part: string): string {
  return `${part}.json`;
}

/**
 * Fetches a file into its part, going on from what is there as often as the connection breaks.
 * @throws KernelFailure of the purpose's kind when it cannot be had, ('cancelled'); what can be gone on from is left in the part
 */
export async function download(request: DownloadRequest): Promise<void> {
  const { part, path, address, network, signal, onProgress, file, patience = usualPatience, purpose = forWeights } = request;
  const agent = await createAgent(network, patience.silence);
  const options = { agent, signal, proxy: proxyShown(network), purpose };
  try {
    await persistently(() => attempt(request, options), { patience, signal, brought: async () => (await readNote(part, address) ? sizeOf(part) : 0), onRetry: (why, seconds) => { onProgress({ stage: 'retrying', file, why, seconds }); } });
  } catch (error) {
    const rest = await kept(part, address);
    const goesOn = rest === undefined ? '' : `; ${rest}`;
    if (signal.aborted) throw new KernelFailure('cancelled', `the download of ${file} was cancelled${goesOn}`);
    if (error instanceof Interruption) {
      const why = `${file} could not be downloaded: ${error.message}; ${rest ?? 'try again when the connection is better'}`;
      throw error.unreachable === undefined ? failureOf(purpose, why, error) : new HostUnreachable(purpose.kind, why, error.unreachable, { cause: error });
    }
    throw diskFailure(path, error, purpose, goesOn) ?? (error instanceof Error && 'code' in error ? connectionFailure(error, address, options) : error);
  } finally {
    await agent.destroy().catch(() => undefined);
  }
}

async function attempt(request: DownloadRequest, options: AskOptions): Promise<void> {
  const { part, address } = request;
  const note = await readNote(part, address);
  const have = note ? await sizeOf(part) : 0;
  const answer = await ask(address, { ...options, rest: note && have > 0 ? { from: have, version: note.version } : undefined });
  try {
    if (answer.status === 416) {
      if (answer.range.total === have && have >= request.bytes.least) return;  // the connection broke after the last byte
      await discard(part);
      throw new Interruption(`${shownAddress(address)} is no longer what was begun`);
    }
    const from = answer.status === 206 ? have : 0;
    if (answer.status === 206 && (note === undefined || answer.range.from !== have)) {
      await discard(part);                                              // the answer does not go on where this part ends
      throw new Interruption(`${shownAddress(address)} answered with another part than was asked for`);
    }
    const total = checkLength(answer, from, request, options.purpose);
    // the rest of this very version was asked for, and all of it comes
    const ranges = answer.status === 200 && note !== undefined && have > 0 && answer.version === note.version ? false : answer.ranges;
    if (from > 0 && note && note.ranges !== ranges) await writeNote(request, { version: note.version, ranges });
    await receive({ ...answer, ranges }, from, total, request, options);
  } finally {
    answer.body.on('error', () => undefined).destroy();
  }
}

/** @returns size of the whole file, or what it is likely to be */
function checkLength({ length, range, address }: Answer, from: number, { bytes: { least, most, likely }, file }: DownloadRequest, purpose: Purpose): { readonly bytes: number; readonly said: boolean } {
  const whole = range.total ?? (length === undefined ? undefined : from + length);
  if (whole === undefined) return { bytes: Math.max(likely, from), said: false };
  if (whole < least || whole > most) {
    throw failureOf(purpose, `${shownAddress(address)} is not ${file}: it has ${whole.toLocaleString('en-US')} bytes, where ${least === most ? '' : 'about '}${likely.toLocaleString('en-US')} are expected; nothing of it was kept`);
  }
  return { bytes: whole, said: true };
}

async function receive(answer: Answer, from: number, total: { readonly bytes: number; readonly said: boolean }, request: DownloadRequest, { proxy, signal, purpose }: AskOptions): Promise<void> {
  const { part, path, address, file, bytes: { least, most }, onProgress } = request;
  let out: FileHandle | undefined;
  let at = from;
  const left = new SecondsLeft(from);
  try {
    for await (const piece of answer.body) {
      const chunk = piece as Buffer;
      if (!out) {
        if (from === 0) refuseForeign(chunk, answer.address, file, purpose);
        await requireRoom(path, total.bytes - from, purpose);
        if (from === 0) await begin(request, answer);
        out = await open(part, from === 0 ? 'w' : 'r+');
      }
      if (at + chunk.length > most) {
        await out.close();
        out = undefined;
        await discard(part);
        throw tooLong(file, most, purpose);
      }
      await writeAll(out, chunk, at);
      at += chunk.length;
      const secondsLeft = left.at(at, total.bytes);
      onProgress({ stage: 'downloading', file, done: at, total: Math.max(at, total.bytes), ...(secondsLeft === undefined ? {} : { secondsLeft }) });
    }
    await out?.sync();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof KernelFailure || diskFailure(part, error)) throw error;
    throw connectionFailure(error, address, { proxy, purpose });
  } finally {
    await out?.close();
  }
  if (at < (total.said ? total.bytes : least)) throw new Interruption(`the connection to ${shownAddress(address)} ended at ${inMegabytes(at)}`);
}

/** What goes on from this part has to be of this version; without a version nothing can. */
async function begin(request: DownloadRequest, { version, ranges }: Answer): Promise<void> {
  await discard(request.part);
  if (version !== undefined) await writeNote(request, { version, ranges });
}

function writeNote({ part, path, address }: DownloadRequest, note: Pick<Answer, 'ranges'> & { readonly version: string }): Promise<void> {
  return writeSmallFile(noteOf(part), JSON.stringify({ address: shownAddress(address), ...note }), path);
}

/** PyTorch's files begin as zips or as pickles, packages as zips; a page of a login or an error does not. */
function refuseForeign(chunk: Buffer, address: string, file: string, purpose: Purpose): void {
  if (/^\s*<(!doctype|html|\?xml)/i.test(chunk.subarray(0, 256).toString('latin1'))) throw webPage(address, purpose);
  if (!(chunk[0] === 0x50 && (chunk.length < 2 || chunk[1] === 0x4b)) && chunk[0] !== 0x80) {
    throw failureOf(purpose, `${shownAddress(address)} answered with something that is no ${purpose.what} in place of ${file}; ${purpose.otherwise}`);
  }
}

function tooLong(file: string, most: number, purpose: Purpose): KernelFailure {
  return failureOf(purpose, `what is sent as ${file} does not end at ${most.toLocaleString('en-US')} bytes, more than it can have; the download was stopped`);
}

/** Says what remains for the next attempt, if anything came; a part of which no version is known is of no use to it, and goes. */
async function kept(part: string, address: string): Promise<string | undefined> {
  const [size, note] = [await sizeOf(part), await readNote(part, address)];
  if (size > 0 && note && note.ranges !== false) return `${inMegabytes(size)} of it are kept, and the next install goes on from there${note.ranges === true ? '' : ', if the server can'}`;
  await discard(part);
  if (size === 0) return undefined;
  return `nothing of it is kept, because the server ${note ? 'sends files from their beginning only' : 'does not say which version it sends'}`;
}

/** Forgets what was begun. */
export async function discard(part: string): Promise<void> {
  await Promise.all([rm(part, { force: true }), rm(noteOf(part), { force: true })]);
}

/** Whether it is known of which version of which file a part is: nothing else can be gone on with. */
export async function hasNote(part: string): Promise<boolean> {
  try {
    return noteSchema.safeParse(JSON.parse(await readFile(noteOf(part), 'utf8'))).success;
  } catch {
    return false;
  }
}

async function readNote(part: string, address: string): Promise<Note | undefined> {
  const text = await readFile(noteOf(part), 'utf8').catch(() => 'null');
  try {
    const note = noteSchema.parse(JSON.parse(text));
    return note.address === shownAddress(address) ? note : undefined;                 // what a mirror began, another address does not go on with
  } catch {
    return undefined;
  }
}

/** 0 where there is no such file. */
export async function sizeOf(path: string): Promise<number> {
  return stat(path).then((found) => (found.isFile() ? found.size : 0), () => 0);
}
