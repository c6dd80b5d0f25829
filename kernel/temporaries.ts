import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** This machine, as far as numbers of processes mean the same. */
export const host = createHash('sha256').update(hostname() + processNumbers()).digest('hex').slice(0, 8);
/** This process in the names of what it makes: numbers are used again. */
const own = randomBytes(4).toString('hex');
let next = 0;

const named = /\.([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-\d+\.part(\.\w+)?$/;
/** As earlier versions called them, without saying who made them. */
const unnamed = /(\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|^\.[0-9a-f]{16})\.part(\.\w+)?$/;

/** Milliseconds without a change after which nobody works on it any more, wherever they are. */
const abandoned = 24 * 60 * 60 * 1000;

/** A free name beside `path` for a file or folder in the making, which tells who makes it. */
export function temporaryBeside(path: string): string {
  return `${path}.${madeHere()}.part`;
}

/** The same for a hidden one. It is short, so that whatever name the result may have, this can be had too. @param extension with its dot */
export function hiddenTemporary(folder: string, extension = ''): string {
  return join(folder, `.${madeHere()}.part${extension}`);
}

/** Containers may share a host name and a folder, but each numbers its processes by itself (pid_namespaces(7)). */
function processNumbers(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';                                                          // systems without them
  }
}

function madeHere(): string {
  return `${host}-${process.pid}-${own}-${next++}`;
}

/** Removes from a folder what processes that ended had in the making, and no other file. What the disk does not give up stays. */
export async function clearTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    if (await isLeft(name, path)) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isLeft(name: string, path: string): Promise<boolean> {
  const maker = named.exec(name);
  if (!maker && !unnamed.test(name)) return false;
  if (maker?.[1] === host) {
    const pid = Number(maker[2]);
    if (pid === process.pid ? maker[3] !== own : !isRunning(pid)) return true;
    if (pid === process.pid) return false;
  }
  return Date.now() - await lastChange(path) > abandoned;
}

/** Of a file, or of a folder and what is in it; now, where it is gone. */
async function lastChange(path: string): Promise<number> {
  const inside = await readdir(path).catch(() => []);
  const times = await Promise.all([path, ...inside.map((name) => join(path, name))].map((one) => stat(one).then(({ mtimeMs }) => mtimeMs, () => Date.now())));
  return Math.max(...times);
}

/** Whether there is a process of this number on this machine. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
