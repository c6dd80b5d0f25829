import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { host, isRunning } from '../temporaries.ts';
import { diskFailure } from './diskFailure.ts';

/** Milliseconds between two signs of life of who holds a lock, and after which it counts as dead. */
const heartbeat = 2000;
const dead = 15_000;

const holderSchema = z.object({ token: z.string(), pid: z.number(), host: z.string() });

/**
 * Does `work` while no other process does work under the same lock file. A holder that was killed is not waited for.
 * @param onWait told once, before waiting
 * @throws KernelFailure('weights') when the lock file cannot be written; whatever `work` throws
 */
export async function withLock<T>(path: string, signal: AbortSignal, onWait: () => void, work: () => Promise<T>): Promise<T> {
  const token = randomUUID();
  for (let waited = false; !(await take(path, token));) {
    if (await isAbandoned(path)) {
      await breakLock(path);
      continue;
    }
    if (!waited) onWait();
    waited = true;
    await sleep(250, undefined, { signal });
  }
  return held(path, token, work);
}

/** Does `work` under the lock file unless another process does work there: then nothing. @throws whatever `work` throws; KernelFailure('weights') */
export async function whileFree(path: string, work: () => Promise<void>): Promise<void> {
  const token = randomUUID();
  if (await take(path, token)) await held(path, token, work);
}

/** Removes a lock file, or what was to become one, whose process is gone. */
export async function clearAbandoned(path: string): Promise<void> {
  if (await isAbandoned(path)) await breakLock(path);
}

async function held<T>(path: string, token: string, work: () => Promise<T>): Promise<T> {
  const alive = setInterval(() => {
    const now = new Date();
    void utimes(path, now, now).catch(() => undefined);
  }, heartbeat);
  alive.unref();
  try {
    return await work();
  } finally {
    clearInterval(alive);
    if ((await holderOf(path))?.token === token) await rm(path, { force: true });
  }
}

/** A link appears with its content, and fails where there is one. */
async function take(path: string, token: string): Promise<boolean> {
  const own = `${path}.${token}`;
  try {
    const file = await open(own, 'wx');
    await file.writeFile(JSON.stringify({ token, pid: process.pid, host })).finally(() => file.close());
    await link(own, path).catch(async (error: unknown) => {
      if (codeOf(error) === 'EEXIST') throw error;
      if (await stat(path).then(() => true, () => false)) throw Object.assign(new Error('taken'), { code: 'EEXIST' });
      await rename(own, path);                                          // a file system without hard links
    });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw diskFailure(path.replace(/\.lock$/, ''), error) ?? error;
  } finally {
    await rm(own, { force: true }).catch(() => undefined);
  }
}

/** Its process is gone, or, on another machine, has not given a sign of life. */
async function isAbandoned(path: string): Promise<boolean> {
  const [found, holder] = await Promise.all([stat(path).catch(() => undefined), holderOf(path)]);
  if (found?.isFile() !== true) return false;                           // given back just now, or a folder that somebody put there
  if (holder?.host === host && !isRunning(holder.pid)) return true;
  return Date.now() - found.mtimeMs > dead;
}

/** Of several that break a lock one moves it away; if that was a fresh one already, it is put back. */
async function breakLock(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  if (await stat(aside).then(() => true, () => false) && !(await isAbandoned(aside))) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function holderOf(path: string): Promise<z.infer<typeof holderSchema> | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
