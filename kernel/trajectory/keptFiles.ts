import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { partExtension, replaceFile } from '../media/atomicFile.ts';

interface Entry {
  readonly file: string;
  readonly bytes: number;
}

/** Older than this, in milliseconds, a file in the making has no writer any more. */
const abandonedAfter = 3_600_000;

/**
 * Files of one folder that are never shown wrong: each bears the checksum of its bytes in its name (`x_t.012.1a2b3c4d.npy`), appears whole or not at all, and counts as
 * not kept when it is gone or its bytes are others. Several processes may use one folder.
 */
export class KeptFiles {
  private readonly entries = new Map<string, Entry>();

  private constructor(readonly folder: string) {}

  /** What is kept in a folder at this moment; nothing when it is not there. */
  static async open(folder: string): Promise<KeptFiles> {
    const kept = new KeptFiles(folder);
    await Promise.all((await readdir(folder).catch(() => [])).map(async (file) => {
      const name = /^(.+)\.[0-9a-f]{8}\.[a-z]+$/.exec(file)?.[1];
      const found = await stat(join(folder, file)).catch(() => undefined);
      if (name !== undefined && found?.isDirectory() === true) await rm(join(folder, file), { recursive: true, force: true }).catch(() => undefined); // in the way
      if (!found?.isFile()) return;
      if (name !== undefined) kept.entries.set(name, { file, bytes: found.size });
      else if (file.endsWith(partExtension) && Date.now() - found.mtimeMs > abandonedAfter) await rm(join(folder, file), { force: true }).catch(() => undefined);
    }));
    await utimes(folder, new Date(), new Date()).catch(() => undefined); // it is used now
    return kept;
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** Bytes of a file on disk; 0 when it is not kept. */
  size(name: string): number {
    return this.entries.get(name)?.bytes ?? 0;
  }

  get bytes(): number {
    return [...this.entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Where a file lies that is kept as it was written, for whoever reads it at once; undefined as of `read`. */
  async path(name: string): Promise<string | undefined> {
    const file = this.entries.get(name)?.file;
    return file !== undefined && (await this.read(name)) ? join(this.folder, file) : undefined;
  }

  /** @returns undefined when it is not kept, or not as it was written: it is forgotten then */
  async read(name: string): Promise<Buffer | undefined> {
    const entry = this.entries.get(name);
    if (!entry) return undefined;
    const path = join(this.folder, entry.file);
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes && entry.file.includes(`.${checksum(bytes)}.`)) return bytes;
    this.entries.delete(name);
    if (bytes) await rm(path, { force: true }).catch(() => undefined);
    return undefined;
  }

  /** Forgets everything that is not as it was written. */
  async verify(): Promise<void> {
    for (const name of [...this.entries.keys()]) await this.read(name);
  }

  /** Takes the place of what was kept under that name. */
  async write(name: string, extension: string, bytes: Uint8Array): Promise<void> {
    const before = this.entries.get(name)?.file;
    const file = `${name}.${checksum(bytes)}.${extension}`;
    await mkdir(this.folder, { recursive: true }).catch(async () => {
      await rm(this.folder, { force: true });                           // a file in the place of the folder
      await mkdir(this.folder, { recursive: true });
    });
    await replaceFile(join(this.folder, file), bytes);
    this.entries.set(name, { file, bytes: bytes.length });
    if (before !== undefined && before !== file) await rm(join(this.folder, before), { force: true }).catch(() => undefined);
  }
}

function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}
