import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import { installFile, type InstallOptions, type InstallOutcome } from '../../kernel/weights/install.ts';
import type { OfficialFile } from '../../kernel/weights/officialFiles.ts';
import type { WeightsProgress } from '../../kernel/weights/progress.ts';
import { failure, hasty, inFolder, smallWeights } from './smallWeights.ts';
import { sendFile, serveWeights, type Answering, type WeightServer } from './weightServer.ts';

/** A connection that is cut may take with it what was on its way: how much of the first bytes arrived is not certain. */
const resumed = /^bytes=[1-9]\d*-$/;

describe('installing weights from a server', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });
  const serve = async (answer: Answering): Promise<WeightServer> => {
    const server = await serveWeights(answer);
    open.push(server);
    return server;
  };
  const install = (entry: OfficialFile, folder: string, mirror: string, changes: Partial<InstallOptions> = {}): Promise<InstallOutcome> =>
    installFile(entry, { folder, network: { mirror }, signal: new AbortController().signal, onProgress: () => undefined, patience: hasty, ...changes });
  const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
  const whole = async (folder: string, content: Buffer): Promise<void> => {
    assert.deepEqual((await readdir(folder)).sort(), ['small.pth', 'small.pth.json']);
    assert.ok(content.equals(await readFile(join(folder, 'small.pth'))));
  };

  it('ends whole, with the sum recorded and nothing beside it; a second install asks for nothing', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response) => { sendFile(content, request, response); });
    const told: WeightsProgress[] = [];
    const { record, fresh } = await install(entry(), folder, server.address, { onProgress: (progress) => { told.push(progress); } });
    assert.ok(fresh);
    assert.equal(record.sha256, sha256(content));
    assert.equal(record.published, 'unknown');
    await whole(folder, content);
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
    await whole(folder, content);
    assert.ok(left.length > 0 && left.every((seconds) => seconds >= 0 && seconds < 60), left.join());
    assert.equal(server.seen.length, 1);
  }));

  it('a connection that is cut again and again: each attempt asks for the rest of the same version', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const step = Math.ceil(content.length / 7);                          // more cuts than fruitless attempts are allowed
    const server = await serve((request, response) => { sendFile(content, request, response, { cutAfter: step }); });
    await install(entry(), folder, server.address);
    await whole(folder, content);
    assert.equal(server.seen[0]!.range, undefined);
    const offsets = server.seen.slice(1).map(({ range, ifRange }) => {
      assert.equal(ifRange, '"v1"');
      return Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1]);
    });
    assert.ok(offsets.length >= 6);
    assert.deepEqual(offsets, [...offsets].sort((a, b) => a - b));
    assert.ok(offsets.every((offset) => offset > 0));
  }));

  it('a server that falls silent in the middle is asked again', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response, attempt) => {
      if (attempt > 1) sendFile(content, request, response);
      else response.writeHead(200, { etag: '"v1"', 'content-length': content.length }).write(content.subarray(0, 50_000));
    });
    await install(entry(), folder, server.address);
    await whole(folder, content);
    assert.deepEqual(server.seen.map(({ range }) => range), [undefined, 'bytes=50000-']);
  }));

  it('a server that goes away: what is there is kept, and a second install goes on from it', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response, attempt) => {
      if (attempt === 1) sendFile(content, request, response, { cutAfter: 100_000 });
      else if (attempt <= 5) request.socket.destroy();
      else sendFile(content, request, response);
    });
    await assert.rejects(install(entry(), folder, server.address), failure('weights', /small\.pth could not be downloaded/, /\d+ kB of it are kept/));
    assert.deepEqual((await readdir(folder)).sort(), ['small.pth.part', 'small.pth.part.json']);
    const before = server.seen.length;
    await install(entry(), folder, server.address);
    assert.match(server.seen[before]!.range ?? '', resumed);
    await whole(folder, content);
  }));

  it('goes by Last-Modified where there is no ETag, and begins again where there is neither', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const lastModified = 'Wed, 21 Oct 2015 07:28:00 GMT';
    const dated = await serve((request, response, attempt) => { sendFile(content, request, response, { etag: null, lastModified, ...(attempt === 1 ? { cutAfter: 100_000 } : {}) }); });
    await install(entry(), folder, dated.address);
    assert.match(dated.seen[1]!.range ?? '', resumed);
    assert.equal(dated.seen[1]!.ifRange, lastModified);
    await inFolder(async (other) => {
      const nameless = await serve((request, response, attempt) => { sendFile(content, request, response, { etag: null, ...(attempt === 1 ? { cutAfter: 100_000 } : {}) }); });
      await install(entry(), other, nameless.address);
      assert.deepEqual(nameless.seen.map(({ range }) => range), [undefined, undefined]);
      await whole(other, content);
    });
  }));

  it('keeps nothing of a file whose version no server tells, and does not say so', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response) => { sendFile(content, request, response, { etag: null, cutAfter: 100_000 }); });
    await assert.rejects(install(entry(), folder, server.address), failure('weights', /nothing of it is kept/));
    assert.deepEqual((await readdir(folder)).filter((name) => name.includes('.part')), []);
  }));

  it('a server without ranges sends all of it again', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response, attempt) => { sendFile(content, request, response, { ranges: false, ...(attempt === 1 ? { cutAfter: 100_000 } : {}) }); });
    await install(entry(), folder, server.address);
    assert.match(server.seen[1]!.range ?? '', resumed);
    await whole(folder, content);
  }));

  it('a file that changed meanwhile is not glued to what was there', () => inFolder(async (folder) => {
    const [first, second] = [await smallWeights(folder, 1), await smallWeights(folder, 2)];
    const server = await serve((request, response, attempt) => {
      if (attempt === 1) sendFile(first.content, request, response, { cutAfter: 100_000 });
      else sendFile(second.content, request, response, { etag: '"v2"' });
    });
    await install(first.entry(), folder, server.address);
    await whole(folder, second.content);
  }));

  it('a server that answers with another part than was asked for is not believed', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response, attempt) => {
      if (attempt === 1) sendFile(content, request, response, { cutAfter: 100_000 });
      else if (request.headers.range !== undefined) response.writeHead(206, { etag: '"v1"', 'content-range': `bytes 0-${content.length - 1}/${content.length}` }).end(content);
      else sendFile(content, request, response);
    });
    await install(entry(), folder, server.address);
    await whole(folder, content);
  }));

  it('a part that is whole already: the server has nothing more to send', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response) => { sendFile(content, request, response); });
    await writeFile(join(folder, 'small.pth.part'), content);
    await writeFile(join(folder, 'small.pth.part.json'), JSON.stringify({ address: `${server.address}/small.pth`, version: '"v1"' }));
    await install(entry(), folder, server.address);
    await whole(folder, content);
  }));

  describe('lies about the length', () => {
    it('more is said than sent: the rest is asked for', () => inFolder(async (folder) => {
      const { content, entry } = await smallWeights(folder);
      const server = await serve((request, response, attempt) => { sendFile(content, request, response, attempt === 1 ? { saidLength: content.length + 1000, cutAfter: content.length } : {}); });
      await install(entry(), folder, server.address);
      await whole(folder, content);
      assert.equal(server.seen[1]!.range, `bytes=${content.length}-`);
    }));

    it('less is said than there is: the file that was cut is found out and not kept', () => inFolder(async (folder) => {
      const { content, entry } = await smallWeights(folder);
      const server = await serve((_, response) => response.writeHead(200, { etag: '"v1"', 'content-length': 200_000 }).end(content.subarray(0, 200_000)));
      await assert.rejects(install(entry(), folder, server.address), failure('weights', /discarded/, /small\.pth/, /try again/));
      assert.deepEqual(await readdir(folder), []);
      await assert.rejects(install(entry({ size: { bytes: content.length, exact: true } }), folder, server.address), failure('weights', /has 200,000 bytes/, /expected/));
    }));

    it('nothing is said: what ends too early is gone on with', () => inFolder(async (folder) => {
      const { content, entry } = await smallWeights(folder);
      const server = await serve((request, response, attempt) => {
        if (attempt > 1) sendFile(content, request, response);
        else response.writeHead(200, { etag: '"v1"', connection: 'close' }).end(content.subarray(0, 150_000));
      });
      await install(entry({ size: { bytes: content.length, exact: true } }), folder, server.address);
      await whole(folder, content);
      assert.equal(server.seen[1]!.range, 'bytes=150000-');
    }));

    it('what never ends is stopped, and nothing of it stays', () => inFolder(async (folder) => {
      const { content, entry } = await smallWeights(folder);
      const server = await serve((_, response) => {
        response.writeHead(200);
        response.on('error', () => undefined);
        const more = (): void => {
          if (!response.destroyed) response.write(content, more);
        };
        more();
      });
      await assert.rejects(install(entry(), folder, server.address), failure('weights', /does not end at/));
      assert.deepEqual(await readdir(folder), []);
    }));

    for (const [what, bytes] of [['small', 1000], ['large', 5_000_000]] as const) {
      it(`a file that is too ${what} is refused before it is fetched`, () => inFolder(async (folder) => {
        const { entry } = await smallWeights(folder);
        const server = await serve((_, response) => response.writeHead(200, { 'content-length': bytes }).end(Buffer.alloc(bytes, 'PK')));
        await assert.rejects(install(entry(), folder, server.address), failure('weights', new RegExp(`has ${bytes.toLocaleString('en-US')} bytes`)));
        assert.deepEqual(await readdir(folder), []);
      }));
    }
  });

  describe('what is no file', () => {
    for (const [what, type] of [['says so', 'text/html; charset=utf-8'], ['says it is a file', 'application/octet-stream']] as const) {
      it(`a web page with status 200 that ${what}, and what was begun stays`, () => inFolder(async (folder) => {
        const { content, entry } = await smallWeights(folder);
        const page = `<!DOCTYPE html><html><body>Please log in</body>${' '.repeat(content.length)}</html>`;
        const server = await serve((request, response, attempt) => {
          if (attempt === 1) sendFile(content, request, response, { cutAfter: 100_000 });
          else if (attempt === 2) response.writeHead(200, { 'content-type': type }).end(page);
          else sendFile(content, request, response);
        });
        await assert.rejects(install(entry(), folder, server.address), failure('weights', /web page/, /127\.0\.0\.1/));
        await install(entry(), folder, server.address);
        assert.match(server.seen[2]!.range ?? '', resumed);
        await whole(folder, content);
      }));
    }

    it('other bytes', () => inFolder(async (folder) => {
      const { content, entry } = await smallWeights(folder);
      const server = await serve((_, response) => response.writeHead(200).end(Buffer.alloc(content.length, '{"error":"quota"}')));
      await assert.rejects(install(entry(), folder, server.address), failure('weights', /no PyTorch file/));
      assert.deepEqual(await readdir(folder), []);
    }));

    it('an address that is gone, and one that is forbidden', () => inFolder(async (folder) => {
      const { entry } = await smallWeights(folder);
      for (const [status, says] of [[404, /is not there \(status 404\)/], [403, /refused \(status 403\)/]] as const) {
        const server = await serve((_, response) => response.writeHead(status).end('no'));
        await assert.rejects(install(entry(), folder, server.address), failure('weights', says, /import/));
        assert.equal(server.seen.length, 1);
      }
    }));

    it('a busy server is asked again, a dead one given up', () => inFolder(async (folder) => {
      const { content, entry } = await smallWeights(folder);
      const busy = await serve((request, response, attempt) => {
        if (attempt < 3) response.writeHead(503).end();
        else sendFile(content, request, response);
      });
      await install(entry(), folder, busy.address);
      await inFolder(async (other) => {
        const dead = await serve((_, response) => response.writeHead(500).end());
        await assert.rejects(install(entry(), other, dead.address), failure('weights', /status 500/));
        assert.equal(dead.seen.length, 1 + hasty.waits.length);
      });
    }));
  });

  describe('redirects', () => {
    it('are followed, with the range', () => inFolder(async (folder) => {
      const { content, entry } = await smallWeights(folder);
      const server = await serve((request, response, attempt) => {
        if (request.url === '/small.pth') response.writeHead(302, { location: '/a' }).end();
        else if (request.url === '/a') response.writeHead(307, { location: '/signed?secret=1' }).end();
        else sendFile(content, request, response, attempt === 3 ? { cutAfter: 100_000 } : {});
      });
      await install(entry(), folder, server.address);
      await whole(folder, content);
      assert.equal(server.seen.at(-1)!.path, '/signed?secret=1');
      assert.match(server.seen.at(-1)!.range ?? '', resumed);
    }));

    it('in a circle, without an end, or to nowhere are told', () => inFolder(async (folder) => {
      const { entry } = await smallWeights(folder);
      const circle = await serve((request, response) => response.writeHead(302, { location: request.url === '/a' ? '/small.pth' : '/a' }).end());
      await assert.rejects(install(entry(), folder, circle.address), failure('weights', /circle of redirects/));
      const endless = await serve((_, response, attempt) => response.writeHead(302, { location: `/${attempt}` }).end());
      await assert.rejects(install(entry(), folder, endless.address), failure('weights', /redirects more than/));
      const nowhere = await serve((_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end());
      await assert.rejects(install(entry(), folder, nowhere.address), failure('weights', /redirects to no address/));
    }));
  });

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
        await assert.rejects(install(entry(), small, server.address), failure('weights', /does not fit/, /the disk is full/, /DIFFACE_WEIGHTS/));
        // the disk fills up in the middle
        await assert.rejects(install(entry({ size: { bytes: 100_000, exact: false } }), small, server.address), failure('weights', /the disk is full/, /make room/, /are kept/));
        const { size: kept } = await stat(join(small, 'small.pth.part'));
        assert.ok(kept > 0);
        execFileSync('mount', ['-o', 'remount,size=2m', small]);
        await install(entry(), small, server.address);
        assert.equal(server.seen.at(-1)!.range, `bytes=${kept}-`);
        await whole(small, content);
      } finally {
        execFileSync('umount', ['-l', small]);
      }
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
    await whole(folder, content);
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
    await whole(folder, content);
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
});
