import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { clearAbandoned } from '../../kernel/weights/fileLock.ts';
import { publish, underLock, type FileWork } from '../../kernel/weights/fileWork.ts';
import { installFile } from '../../kernel/weights/install.ts';
import { intactFile, stateOf, verifyFile } from '../../kernel/weights/installed.ts';
import type { OfficialFile } from '../../kernel/weights/officialFiles.ts';
import type { WeightsProgress } from '../../kernel/weights/progress.ts';
import { removeFile } from '../../kernel/weights/removeFile.ts';
import { inFolder } from '../cli/command.ts';
import { failure, hasty, smallWeights } from './smallWeights.ts';
import { sendFile, serversOfATest } from './weightServer.ts';

const work = (folder: string): FileWork => ({ folder, signal: new AbortController().signal, onProgress: () => undefined });

describe('installed weights', () => {
  const serve = serversOfATest();
  const installed = async (folder: string): Promise<{ readonly entry: OfficialFile; readonly path: string; readonly content: Buffer; readonly repair: () => Promise<unknown> }> => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response) => { sendFile(content, request, response); });
    const repair = (): Promise<unknown> => installFile(entry(), { ...work(folder), network: { mirror: server.address }, patience: hasty });
    await repair();
    return { entry: entry(), path: join(folder, 'small.pth'), content, repair };
  };

  it('are trusted while size and time stay, and read again where these changed', () => inFolder(async (folder) => {
    const { entry, path } = await installed(folder);
    const reads: number[] = [];
    const options = { onProgress: (done: number) => { reads.push(done); } };
    await intactFile(entry, folder, options);
    assert.deepEqual(reads, []);
    await utimes(path, new Date(), new Date(1e12));
    await intactFile(entry, folder, options);
    assert.ok(reads.length > 0);
    const before = reads.length;
    await intactFile(entry, folder, options);
    assert.equal(reads.length, before);
  }));

  it('that were changed are refused by name with the repair, which works', () => inFolder(async (folder) => {
    const { entry, path, content, repair } = await installed(folder);
    const damaged = Buffer.from(content);
    damaged[150_000]! ^= 1;
    await writeFile(path, damaged);
    await assert.rejects(intactFile(entry, folder), failure('weights', /small\.pth is not what was installed/, /SHA-256/, /'difface weights install small' repairs it/));
    await repair();
    await intactFile(entry, folder);
    assert.ok(content.equals(await readFile(path)));
  }));

  it('silent damage, with size and time as they were, is found by verifying', () => inFolder(async (folder) => {
    const { entry, path, content } = await installed(folder);
    const { atime, mtime } = await stat(path);
    const damaged = Buffer.from(content);
    damaged[150_000]! ^= 1;
    await writeFile(path, damaged);
    await utimes(path, atime, mtime);
    await assert.rejects(verifyFile(entry, folder), failure('weights', /small\.pth is not what was installed/));
  }));

  it('that somebody put there are looked at before they are used', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    await writeFile(join(folder, 'small.pth'), content);
    assert.deepEqual(await stateOf(entry(), folder), { kind: 'present', bytes: content.length, record: undefined, unchanged: false });
    assert.equal((await intactFile(entry(), folder)).source, 'found');
    assert.equal((await stateOf(entry(), folder) as { readonly unchanged?: boolean }).unchanged, true);
    await rm(join(folder, 'small.pth.json'));
    await writeFile(join(folder, 'small.pth'), content.subarray(0, 1000));
    await assert.rejects(intactFile(entry(), folder), failure('weights', /small\.pth/, /repairs it/));
  }));

  it('cannot be where a folder has the name: whatever is done, that is told, and the folder stays', () => inFolder(async (folder) => {
    const { entry, path, repair } = await installed(folder);
    await rm(path);
    await mkdir(join(path, 'mine'), { recursive: true });
    const told = failure('weights', /small\.pth is a folder, where a weight file belongs \(.+\); move it away and install the file again/);
    for (const attempt of [() => intactFile(entry, folder), repair, () => removeFile(entry, work(folder))]) await assert.rejects(attempt(), told);
    assert.deepEqual(await readdir(path), ['mine']);
    await rm(path, { recursive: true });
    await repair();
    assert.equal((await stateOf(entry, folder)).kind, 'present');
  }));

  it('cannot be where a folder has the name of a file beside them: likewise, and at once', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response) => { sendFile(content, request, response); });
    for (const name of ['.json', '.part', '.part.json', '.lock'].map((end) => `small.pth${end}`)) {
      const path = join(folder, name);
      await mkdir(join(path, 'mine'), { recursive: true });
      await utimes(path, new Date(1e12), new Date(1e12));
      const stages: string[] = [];
      const told = failure('weights', new RegExp(`${name.replaceAll('.', '\\.')} is a folder, where a file that belongs to small\\.pth is written; move it away and try again$`));
      const working = { ...work(folder), onProgress: ({ stage }: WeightsProgress) => { stages.push(stage); } };
      await assert.rejects(installFile(entry(), { ...working, network: { mirror: server.address }, patience: hasty }), told);
      await assert.rejects(removeFile(entry(), working), told);
      assert.deepEqual(await stateOf(entry(), folder), { kind: 'missing' });
      await clearAbandoned(path);
      assert.deepEqual([await readdir(folder), await readdir(path), stages, server.seen], [[name], ['mine'], [], []]);
      await rm(path, { recursive: true });
    }
  }));

  it('are removed with all that belongs to them', () => inFolder(async (folder) => {
    const { entry, path, content } = await installed(folder);
    await rename(path, `${path}.part`);
    await writeFile(path, content);
    assert.deepEqual(await removeFile(entry, work(folder)), { bytes: 2 * content.length, sha256: createHash('sha256').update(content).digest('hex') });
    assert.deepEqual(await readdir(folder), []);
    assert.deepEqual(await stateOf(entry, folder), { kind: 'missing' });
  }));

  it('are not removed while another process is at them', () => inFolder(async (folder) => {
    const { entry, path } = await installed(folder);
    const told: string[] = [];
    let removing: Promise<unknown> | undefined;
    await underLock(entry, work(folder), async () => {
      removing = removeFile(entry, { ...work(folder), onProgress: ({ stage }) => { told.push(stage); } });
      await setTimeout(400);
      assert.ok(existsSync(path), 'it was taken from under the hands of the other');
    });
    await removing;
    assert.deepEqual(told, ['waiting']);
    assert.deepEqual(await readdir(folder), []);
    const nowhere = join(folder, 'nowhere');
    assert.equal((await removeFile(entry, work(nowhere))).bytes, 0);
    assert.equal(existsSync(nowhere), false);
  }));

  it('are looked at afresh where the process that renamed them ended before it could write what they are', () => inFolder(async (folder) => {
    const { entry, path } = await installed(folder);
    const { content } = await smallWeights(folder, 2);
    await writeFile(`${path}.part`, content);
    const killed = { bytes: content.length, published: 'unknown' as const, get sha256(): string { throw new Error('killed'); } };
    await assert.rejects(publish(`${path}.part`, entry, folder, killed, 'somewhere'), /killed/);
    assert.ok(content.equals(await readFile(path)));
    assert.equal((await verifyFile(entry, folder)).source, 'found');
    assert.equal((await stateOf(entry, folder) as { readonly unchanged?: boolean }).unchanged, true);
  }));
});
