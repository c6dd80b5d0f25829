import { strict as assert } from 'node:assert';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { inFolder } from '../cli/command.ts';
import { assertWhole, install, resumed } from './smallInstall.ts';
import { failure, hasty, smallWeights } from './smallWeights.ts';
import { sendFile, serversOfATest } from './weightServer.ts';

describe('a download of weights that is interrupted', () => {
  const serve = serversOfATest();

  it('a connection that is cut again and again: each attempt asks for the rest of the same version', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const step = Math.ceil(content.length / 7);                          // more cuts than fruitless attempts are allowed
    const server = await serve((request, response) => { sendFile(content, request, response, { cutAfter: step }); });
    await install(entry(), folder, server.address);
    await assertWhole(folder, content);
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
    await assertWhole(folder, content);
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
    await assertWhole(folder, content);
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
      await assertWhole(other, content);
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
    await assertWhole(folder, content);
  }));

  it('a server without ranges that cuts here and there is given up, and nothing is said to be kept', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response, attempt) => { sendFile(content, request, response, { ranges: false, cutAfter: attempt % 2 === 0 ? 150_000 : 50_000 }); });
    await assert.rejects(install(entry(), folder, server.address), failure('weights', /small\.pth could not be downloaded/, /nothing of it is kept/, /from their beginning only/));
    assert.equal(server.seen.length, 2 + hasty.waits.length + 1, 'the first two came further than what was before them');
    assert.deepEqual((await readdir(folder)).filter((name) => name.includes('.part')), []);
  }));

  it('a server that says that it sends no ranges: a cancelled download promises nothing', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    for (const [acceptRanges, says] of [['none', /nothing of it is kept/], ['bytes', /are kept, and the next install goes on from there$/], [undefined, /goes on from there, if the server can$/]] as const) {
      const controller = new AbortController();
      const server = await serve((_, response) => {
        response.writeHead(200, { etag: '"v1"', 'content-length': content.length, ...(acceptRanges === undefined ? {} : { 'accept-ranges': acceptRanges }) }).write(content.subarray(0, 100_000));
      });
      const cancelled = install(entry(), folder, server.address, { signal: controller.signal, onProgress: ({ stage }) => { if (stage === 'downloading') controller.abort(); } });
      await assert.rejects(cancelled, failure('cancelled', says));
    }
  }));

  it('a file that changed meanwhile is not glued to what was there', () => inFolder(async (folder) => {
    const [first, second] = [await smallWeights(folder, 1), await smallWeights(folder, 2)];
    const server = await serve((request, response, attempt) => {
      if (attempt === 1) sendFile(first.content, request, response, { cutAfter: 100_000 });
      else sendFile(second.content, request, response, { etag: '"v2"' });
    });
    await install(first.entry(), folder, server.address);
    await assertWhole(folder, second.content);
  }));

  it('a server that answers with another part than was asked for is not believed', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response, attempt) => {
      if (attempt === 1) sendFile(content, request, response, { cutAfter: 100_000 });
      else if (request.headers.range !== undefined) response.writeHead(206, { etag: '"v1"', 'content-range': `bytes 0-${content.length - 1}/${content.length}` }).end(content);
      else sendFile(content, request, response);
    });
    await install(entry(), folder, server.address);
    await assertWhole(folder, content);
  }));

  it('a part that is whole already: the server has nothing more to send', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response) => { sendFile(content, request, response); });
    await writeFile(join(folder, 'small.pth.part'), content);
    await writeFile(join(folder, 'small.pth.part.json'), JSON.stringify({ address: `${server.address}/small.pth`, version: '"v1"' }));
    await install(entry(), folder, server.address);
    await assertWhole(folder, content);
  }));
});
