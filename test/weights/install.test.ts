import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { acceptLicence, licences } from '../../kernel/weights/licences.ts';
import type { WeightsProgress } from '../../kernel/weights/progress.ts';
import { HostUnreachable, NotTried } from '../../kernel/weights/unreachable.ts';
import { inFolder } from '../cli/command.ts';
import { assertWhole, install, sha256 } from './smallInstall.ts';
import { failure, smallWeights } from './smallWeights.ts';
import { sendFile, serversOfATest } from './weightServer.ts';

describe('installing weights from a server', () => {
  const serve = serversOfATest();

  it('ends whole, with the sum recorded and nothing beside it; a second install asks for nothing', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response) => { sendFile(content, request, response); });
    const told: WeightsProgress[] = [];
    const { record, fresh } = await install(entry(), folder, server.address, { onProgress: (progress) => { told.push(progress); } });
    assert.ok(fresh);
    assert.equal(record.sha256, sha256(content));
    assert.equal(record.published, 'unknown');
    await assertWhole(folder, content);
    assert.deepEqual([...new Set(told.map(({ stage }) => stage))], ['downloading', 'checking']);
    assert.deepEqual(told.findLast(({ stage }) => stage === 'downloading'), { stage: 'downloading', file: 'small.pth', done: content.length, total: content.length });
    assert.equal((await install(entry(), folder, server.address)).fresh, false);
    assert.equal(server.seen.length, 1);
  }));

  it('a slow server is waited for, and the time left is told', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response) => { sendFile(content, request, response, { pace: { bytes: 12_000, milliseconds: 60 } }); });
    const left: number[] = [];
    await install(entry(), folder, server.address, { onProgress: (progress) => { if (progress.stage === 'downloading' && progress.secondsLeft !== undefined) left.push(progress.secondsLeft); } });
    await assertWhole(folder, content);
    assert.ok(left.length > 0 && left.every((seconds) => seconds >= 0 && seconds < 60), left.join());
    assert.equal(server.seen.length, 1);
  }));

  it('a full disk: said with what to do, and gone on from when there is room', function () {
    return inFolder(async (folder) => {
      const { content, entry } = await smallWeights(folder);
      const small = join(folder, 'small');
      await mkdir(small);
      const size = `${Math.floor(content.length / 2 / 4096) * 4}k`;
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', small], { stdio: 'ignore' });
      } catch {
        return this.skip();                                              // only root may mount the small disk
      }
      try {
        const server = await serve((request, response, attempt) => { sendFile(content, request, response, attempt === 1 ? {} : { saidLength: null, pace: { bytes: 16_000, milliseconds: 2 } }); });
        // the size is known beforehand
        await assert.rejects(install(entry(), small, server.address), failure('weights', /small\.pth does not fit/, /the disk is full/, /DIFFACE_WEIGHTS/));
        // the disk fills up in the middle
        await assert.rejects(install(entry({ size: { bytes: 100_000, exact: false } }), small, server.address), failure('weights', /small\.pth cannot be written: the disk is full/, /make room/, /are kept/));
        const { size: kept } = await stat(join(small, 'small.pth.part'));
        assert.ok(kept > 0);
        execFileSync('mount', ['-o', 'remount,size=2m', small]);
        await install(entry(), small, server.address);
        assert.equal(server.seen.at(-1)!.range, `bytes=${kept}-`);
        await assertWhole(small, content);
      } finally {
        execFileSync('umount', ['-l', small]);
      }
    });
  });

  it('a folder that cannot be one, or cannot be written: named with the cause and what to do, and nothing is left', function () {
    return inFolder(async (folder) => {
      const { content, entry } = await smallWeights(folder);
      const server = await serve((request, response) => { sendFile(content, request, response); });
      const file = join(folder, 'file');
      await writeFile(file, 'mine');
      for (const taken of [file, join(file, 'below')]) {
        await assert.rejects(install(entry(), taken, server.address), failure('weights', new RegExp(`${taken} cannot be written: ${file} is a file, where a folder is needed`), /move that file away, or let DIFFACE_WEIGHTS name another folder/));
        await assert.rejects(acceptLicence(licences['s-lab'], taken), failure('weights', /is a file, where a folder is needed/));
      }
      assert.deepEqual(await readdir(folder), ['file']);
      const closed = join(folder, 'closed');
      await mkdir(closed);
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', closed], { stdio: 'ignore' });
      } catch {
        return this.skip();                                              // only root may mount, and permissions hold root off nothing
      }
      try {
        await assert.rejects(install(entry(), closed, server.address), failure('weights', /closed\/small\.pth cannot be written: \S+closed lies on a disk that can only be read; let DIFFACE_WEIGHTS name another folder/));
        await assert.rejects(install(entry(), join(closed, 'new'), server.address), failure('weights', /no folder can be made in \S+closed;/));
        assert.deepEqual(await readdir(closed), []);
      } finally {
        execFileSync('umount', ['-l', closed]);
      }
      assert.deepEqual(server.seen, []);
    });
  });

  it('cancelling keeps what is there for the next install', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response, attempt) => { sendFile(content, request, response, attempt === 1 ? { pace: { bytes: 20_000, milliseconds: 50 } } : {}); });
    const controller = new AbortController();
    const cancelled = install(entry(), folder, server.address, { signal: controller.signal, onProgress: (progress) => { if (progress.stage === 'downloading' && progress.done > 100_000) controller.abort(); } });
    await assert.rejects(cancelled, failure('cancelled', /small\.pth was cancelled/, /are kept/));
    await install(entry(), folder, server.address);
    assert.match(server.seen[1]!.range ?? '', /^bytes=1\d{5}-$/);
    await assertWhole(folder, content);
  }));

  it('cancelled before anything came it speaks of no connection, and gives no advice', () => inFolder(async (folder) => {
    const { entry } = await smallWeights(folder);
    const controller = new AbortController();
    const cancelled = install(entry(), folder, 'http://127.0.0.1:9/', { signal: controller.signal, onProgress: ({ stage }) => { if (stage === 'retrying') controller.abort(); } });
    await assert.rejects(cancelled, failure('cancelled', /^the download of small\.pth was cancelled$/));
  }));

  it('a host to which no connection can be made is told from one that answers badly', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const unreachable = (host: string) => (error: unknown): boolean => error instanceof HostUnreachable && error.host === host && failure('weights', /small\.pth could not be downloaded: /)(error);
    await assert.rejects(install(entry(), folder, 'http://127.0.0.1:9/'), unreachable('127.0.0.1:9'));
    await assert.rejects(install(entry(), folder, '', { network: { mirror: 'http://weights.invalid/', noProxy: '*' } }), unreachable('weights.invalid'));
    for (const answer of [(_: IncomingMessage, response: ServerResponse) => response.writeHead(503).end(), (request: IncomingMessage) => request.socket.destroy()]) {
      const server = await serve(answer);
      await assert.rejects(install(entry(), folder, server.address), (error) => !(error instanceof HostUnreachable) && failure('weights', /could not be downloaded/)(error));
    }
    const server = await serve((request, response) => { sendFile(content, request, response); });
    const { host } = new URL(server.address);
    await assert.rejects(install(entry(), folder, server.address, { unreachable: new Set([host]) }), (error) => error instanceof NotTried && error.host === host);
    assert.deepEqual(server.seen, []);
    await install(entry(), folder, server.address);
    assert.equal((await install(entry(), folder, server.address, { unreachable: new Set([host]) })).fresh, false, 'a file that is there needs no host');
  }));

  it('two installs at once: one downloads, the other waits and finds it', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response) => { sendFile(content, request, response, { pace: { bytes: 50_000, milliseconds: 60 } }); });
    const waited: string[] = [];
    const onProgress = ({ stage, file }: WeightsProgress): void => { if (stage === 'waiting') waited.push(file); };
    const outcomes = await Promise.all([install(entry(), folder, server.address, { onProgress }), install(entry(), folder, server.address, { onProgress })]);
    assert.deepEqual(outcomes.map(({ fresh }) => fresh).sort(), [false, true]);
    assert.deepEqual(waited, ['small.pth']);
    assert.equal(server.seen.length, 1);
    await assertWhole(folder, content);
  }));

  it('what is not the published file is discarded, and so is another network', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response) => { sendFile(content, request, response); });
    const published = entry({ sha256: sha256(Buffer.from('another')) });
    await assert.rejects(install(published, folder, server.address), failure('weights', /discarded/, new RegExp(sha256(content)), new RegExp(published.sha256!)));
    await assert.rejects(install(entry({ layout: { tensors: 3, values: 5, digest: 'x' } }), folder, server.address), failure('weights', /holds a network this product does not know, 12 tensors/, /3 tensors/));
    assert.deepEqual(await readdir(folder), []);
    assert.equal((await install(entry({ sha256: sha256(content) }), folder, server.address)).record.published, 'same');
  }));

  it('damage on the way is found by the sums in the file itself', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const damaged = Buffer.from(content);
    damaged[200_001]! ^= 1;
    const server = await serve((request, response) => { sendFile(damaged, request, response); });
    await assert.rejects(install(entry(), folder, server.address), failure('weights', /damaged: its part archive\/data\/\d+/, /try again/));
    assert.deepEqual(await readdir(folder), []);
  }));

  it('nothing is asked of a server before a restricted licence is accepted', () => inFolder(async (folder) => {
    const { entry } = await smallWeights(folder);
    const server = await serve((_, response) => response.end());
    await assert.rejects(install(entry({ licence: 's-lab' }), folder, server.address), failure('weights', /NTU S-Lab License 1\.0/, /accepted first/));
    assert.deepEqual(server.seen, []);
  }));

  it('name and password of a mirror go to its host alone, and are neither shown nor kept', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const elsewhere: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      elsewhere.push(request.headers.authorization);
      sendFile(content, request, response);
    });
    const expected = `Basic ${Buffer.from('me:s@cret').toString('base64')}`;
    const server = await serve((request, response, attempt) => {
      if (request.headers.authorization !== expected) response.writeHead(401).end();
      else if (attempt === 1) response.writeHead(302, { location: `${other.address}/small.pth` }).end();
      else response.writeHead(403).end();
    });
    const mirror = server.address.replace('//', '//me:s%40cret@');
    await install(entry(), folder, mirror);
    assert.deepEqual(elsewhere, [undefined]);
    assert.doesNotMatch(await readFile(join(folder, 'small.pth.json'), 'utf8'), /cret/);
    await rm(join(folder, 'small.pth'));
    await assert.rejects(install(entry(), folder, mirror), failure('weights', /^http:\/\/127\.0\.0\.1:\d+\/small\.pth does not take the name and the password that were given for it \(status 403\)/, /^(?!.*cret)/));
    await assert.rejects(install(entry(), folder, `${server.address}/files?key=secret`), failure('usage', /\/files, is the address of a folder, and takes nothing after a question mark/, /^(?!.*cret)/));
    await assert.rejects(install(entry(), folder, 'ftp://me:s@cret@host/'), failure('usage', /ftp:\/\/host\//, /^(?!.*cret)/));
  }));
});
