import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KernelFailure } from '../failure.ts';
import { weightsFolder } from '../packageFolder.ts';
import { SharedLoads } from '../sharedLoads.ts';
import { noteOf, sizeOf } from './download.ts';
import { examine, sumOf, type Examined, type ExamineOptions } from './examine.ts';
import { officialFiles, type OfficialFile } from './officialFiles.ts';
import { shownAddress } from './shownAddress.ts';
import { writeSmallFile } from './smallFile.ts';
import { stampOf } from './stamp.ts';

const byHand = 'found';

const recordSchema = z.object({
  sha256: z.string(),
  bytes: z.number(),
  published: z.enum(['same', 'other', 'unknown']),
  /** Address or path it came from; `found` where somebody put it there by hand. */
  source: z.string().transform((source) => (/^https?:/i.test(source) ? shownAddress(source) : source)),
  installedAt: z.string(),
  /** Size, time of change and number of the file for which the verdict holds. */
  stamp: z.string(),
});

/** What was found out about a file when it was installed; it lies beside it. */
export type InstallRecord = z.infer<typeof recordSchema>;

export type FileState =
  | { readonly kind: 'missing' }
  /** A download was begun. */
  | { readonly kind: 'begun'; readonly bytes: number }
  /** `record` is undefined where somebody put the file there and it was not looked at yet. */
  | { readonly kind: 'present'; readonly bytes: number; readonly record: InstallRecord | undefined; readonly unchanged: boolean };

export function pathOf(file: OfficialFile, folder: string): string {
  return join(folder, file.file);
}

export function partOf(file: OfficialFile, folder: string): string {
  return `${pathOf(file, folder)}.part`;
}

/** Says who works on a file. */
export function lockOf(file: OfficialFile, folder: string): string {
  return `${pathOf(file, folder)}.lock`;
}

function recordPath(file: OfficialFile, folder: string): string {
  return `${pathOf(file, folder)}.json`;
}

/** Bytes of all that lies in a folder of official files and belongs to them. */
export async function bytesIn(folder: string): Promise<number> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => officialFiles.some(({ file }) => name.startsWith(file)));
  return (await Promise.all(names.map((name) => sizeOf(join(folder, name))))).reduce((sum, bytes) => sum + bytes, 0);
}

/** What there is of a file, without reading it. */
export async function stateOf(file: OfficialFile, folder: string): Promise<FileState> {
  const [found, record] = await Promise.all([lookAt(pathOf(file, folder)), readRecord(file, folder)]);
  if (found) return { kind: 'present', bytes: found.bytes, record, unchanged: record?.stamp === found.stamp };
  const bytes = await sizeOf(partOf(file, folder));
  return bytes > 0 ? { kind: 'begun', bytes } : { kind: 'missing' };
}

/** Remembers what a file was found to be. */
export async function writeRecord(file: OfficialFile, folder: string, { sha256, bytes, published }: Examined, source: string, installedAt = new Date().toISOString()): Promise<InstallRecord> {
  const found = await lookAt(pathOf(file, folder));
  const record: InstallRecord = { sha256, bytes, published, source, installedAt, stamp: found?.stamp ?? '' };
  await writeSmallFile(recordPath(file, folder), JSON.stringify(record, null, 2));
  return record;
}

/**
 * A file that can be loaded: it is what it was when it was installed. Read again only where size or time of change differ.
 * @throws KernelFailure('weights') when it is missing, or damaged, or not the file it should be; the message names the repair
 */
export async function intactFile(file: OfficialFile, folder: string, options: ExamineOptions = {}): Promise<InstallRecord> {
  const state = await stateOf(file, folder);
  if (state.kind !== 'present') throw await notInstalled(file, folder);
  return state.record && state.unchanged ? state.record : verifyFile(file, folder, options);
}

/** Why there is no such file, with what helps. */
export async function notInstalled(file: OfficialFile, folder: string): Promise<KernelFailure> {
  return (await folderInPlace(file, folder)) ?? new KernelFailure('weights', `${pathOf(file, folder)} is not installed; 'difface weights install ${file.id}' installs it`);
}

/** What to say where a folder has the name of a file; undefined where none has. */
export async function folderInPlace(file: OfficialFile, folder: string): Promise<KernelFailure | undefined> {
  const path = pathOf(file, folder);
  return await isFolder(path) ? new KernelFailure('weights', `${path} is a folder, where a weight file belongs (${file.title}); move it away and install the file again`) : undefined;
}

/** The same of all that installing, importing and removing write: the files beside it, too. */
export async function folderInTheWay(file: OfficialFile, folder: string): Promise<KernelFailure | undefined> {
  const inPlace = await folderInPlace(file, folder);
  if (inPlace) return inPlace;
  const part = partOf(file, folder);
  for (const path of [recordPath(file, folder), part, noteOf(part), lockOf(file, folder)]) {
    if (await isFolder(path)) return new KernelFailure('weights', `${path} is a folder, where a file that belongs to ${file.file} is written; move it away and try again`);
  }
  return undefined;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isDirectory(), () => false);
}

/** The same, all of it read in any case. */
export async function verifyFile(file: OfficialFile, folder: string, options: ExamineOptions = {}): Promise<InstallRecord> {
  const path = pathOf(file, folder);
  const record = await readRecord(file, folder);
  try {
    const replaced = record?.source === byHand && record.stamp !== (await lookAt(path))?.stamp;    // by whoever put the one before there
    if (!record || replaced) return await remember(await examine(path, file, { ...options, anySize: true }), byHand);
    const { sha256, bytes } = await sumOf(path, [], options);
    if (sha256 !== record.sha256) throw new KernelFailure('checkpoint', `${path} is not what was installed: its SHA-256 is ${sha256}, and it was ${record.sha256}; it is damaged or was replaced`);
    return await remember({ sha256, bytes, published: record.published }, record.source, record.installedAt);
  } catch (error) {
    if (error instanceof KernelFailure && error.kind === 'checkpoint') throw new KernelFailure('weights', `${error.message.replace(/\.$/, '')}; ${repairOf(file)}`, { cause: error });
    throw error;
  }

  /** Where the folder cannot be written, the file is read again the next time. */
  async function remember(examined: Examined, source: string, installedAt?: string): Promise<InstallRecord> {
    return writeRecord(file, folder, examined, source, installedAt).catch(() => ({ ...examined, source, installedAt: installedAt ?? '', stamp: '' }));
  }
}

/** The command that helps, as every failure of integrity says it. */
export function repairOf({ id }: OfficialFile): string {
  return `'difface weights install ${id}' repairs it`;
}

/**
 * Checks those files of a folder that are official ones of the weights folder, before they are loaded; others have nothing to be compared with.
 * @throws KernelFailure('weights') naming the file and the repair
 */
export async function requireIntact(folder: string, names: readonly string[]): Promise<void> {
  if (folder !== weightsFolder()) return;
  for (const file of officialFiles) if (names.includes(file.file)) await checks.get(pathOf(file, folder), () => intactFile(file, folder));
}

/** Many views ask for one model at the same moment: it is read once. */
const checks = new SharedLoads<InstallRecord>(false);

/** The next one to look at the file looks at it afresh. */
export async function forgetRecord(file: OfficialFile, folder: string): Promise<void> {
  await rm(recordPath(file, folder), { force: true });
}

async function lookAt(path: string): Promise<{ readonly bytes: number; readonly stamp: string } | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true ? { bytes: found.size, stamp: stampOf(found) } : undefined;
}

/** One that is missing or damaged says nothing: the file is looked at again. */
async function readRecord(file: OfficialFile, folder: string): Promise<InstallRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(recordPath(file, folder), 'utf8')));
  } catch {
    return undefined;
  }
}
