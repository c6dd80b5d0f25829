import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../temporaries.ts';

const prefix = 'difface-view-';

/**
 * Files through which pixels and sound reach the editor: they do not travel in messages. Whoever is told of a file reads it and deletes it;
 * the folder goes when the process does, and what a crashed process left goes with the next.
 */
export class Handover {
  private readonly folder: string;
  private next = 0;

  constructor() {
    sweep();
    this.folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
    process.on('exit', this.dispose);
  }

  /** @returns the path of a fresh file that holds the parts one after the other */
  async write(...parts: readonly Uint8Array[]): Promise<string> {
    const path = join(this.folder, `${this.next++}.bin`);
    await writeFile(path, parts);
    return path;
  }

  readonly dispose = (): void => {
    process.off('exit', this.dispose);
    rmSync(this.folder, { recursive: true, force: true });
  };
}

/** Puts pieces one after the other into what is handed over, and says where each lies. */
export class Parts {
  readonly all: Uint8Array[] = [];
  private length = 0;

  add(bytes: Uint8Array): readonly [offset: number, length: number] {
    this.all.push(bytes);
    this.length += bytes.length;
    return [this.length - bytes.length, bytes.length];
  }
}

function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // another user's
    }
  }
}
