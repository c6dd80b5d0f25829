import { strict as assert } from 'node:assert';
import { readdir } from 'node:fs/promises';
import { describe, it } from 'mocha';
import { inFolder } from '../cli/command.ts';
import { assertWhole, install, resumed } from './smallInstall.ts';
import { failure, hasty, smallWeights } from './smallWeights.ts';
import { sendFile, serversOfATest } from './weightServer.ts';

describe('a server of weights that', () => {
  const serve = serversOfATest();

  describe('lies about the length', () => {
    it('more is said than sent: the rest is asked for', () => inFolder(async (folder) => {
      const { content, entry } = await smallWeights(folder);
      const server = await serve((request, response, attempt) => { sendFile(content, request, response, attempt === 1 ? { saidLength: content.length + 1000, cutAfter: content.length } : {}); });
      await install(entry(), folder, server.address);
      await assertWhole(folder, content);
      assert.equal(server.seen[1]!.range, `bytes=${content.length}-`);
    }));

    it('less is said than there is: the file that was cut is found out and not kept', () => inFolder(async (folder) => {
      const { content, entry } = await smallWeights(folder);
      const server = await serve((_, response) => response.writeHead(200, { etag: '"v1"', 'content-length': 200_000 }).end(content.subarray(0, 200_000)));
      await assert.rejects(install(entry(), folder, server.address), failure('weights', /discarded: small\.pth is not .* cut short/, /try again/, /^(?!.*\.part)/));
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
      await assertWhole(folder, content);
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

  describe('sends no file', () => {
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
        await assertWhole(folder, content);
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
        await assert.rejects(install(entry(), folder, server.address), failure('weights', says, /see to the address of the mirror, or fetch .* import/));
        assert.equal(server.seen.length, 1);
      }
    }));

    it('one that asks who one is: told where name and password go, and where they are not taken, without them', () => inFolder(async (folder) => {
      const { entry } = await smallWeights(folder);
      for (const status of [401, 403]) {
        const server = await serve((_, response) => response.writeHead(status).end('no'));
        await assert.rejects(install(entry(), folder, server.address), failure('weights', new RegExp(`refused \\(status ${status}\\)`), /put them into its address, https:\/\/name:password@host\/folder\/; where the network or its proxy asks for a login/, /or see to the address of the mirror/));
        await assert.rejects(install(entry(), folder, server.address.replace('//', '//me:s3cret@')), failure('weights', new RegExp(`small\\.pth does not take the name and the password that were given for it \\(status ${status}\\)`), /^(?!.*s3cret)/));
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
      await assertWhole(folder, content);
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
});
