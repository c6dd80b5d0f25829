import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { installFile, type InstallOptions, type InstallOutcome } from '../../kernel/weights/install.ts';
import type { OfficialFile } from '../../kernel/weights/officialFiles.ts';
import { inFolder } from '../cli/command.ts';
import { failure, hasty, smallWeights } from './smallWeights.ts';
import { sendFile, serveProxy, serveWeights, type Answering, type WeightServer } from './weightServer.ts';

const variables = ['HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'] as const;

describe('a proxy on the way to weights', () => {
  const open: { close(): Promise<void> }[] = [];
  let environment: Readonly<Record<string, string | undefined>>;
  beforeEach(() => {
    environment = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
  });
  afterEach(async () => {
    for (const name of variables) {
      if (environment[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = environment[name];
    }
    for (const one of open.splice(0)) await one.close();
  });
  const serve = async (answer: Answering): Promise<WeightServer> => {
    const server = await serveWeights(answer);
    open.push(server);
    return server;
  };
  const install = (entry: OfficialFile, folder: string, network: InstallOptions['network']): Promise<InstallOutcome> =>
    installFile(entry, { folder, network, signal: new AbortController().signal, onProgress: () => undefined, patience: hasty });
  /** By a name that only the proxy knows. */
  const through = (entry: OfficialFile, folder: string, server: WeightServer, network: InstallOptions['network']): Promise<InstallOutcome> =>
    install(entry, folder, { mirror: server.address.replace('127.0.0.1', 'weights.invalid'), ...network });
  const whole = async (folder: string, content: Buffer): Promise<void> => {
    assert.ok(content.equals(await readFile(join(folder, 'small.pth'))));
  };

  it('carries the download', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response) => { sendFile(content, request, response); });
    const proxy = await serveProxy();
    open.push(proxy);
    await through(entry(), folder, server, { proxy: proxy.address });
    await whole(folder, content);
    assert.equal(proxy.used(), 1);
  }));

  it('that asks for a password is told so, without it; with the password it works', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response) => { sendFile(content, request, response); });
    const proxy = await serveProxy('me:s3cret');
    open.push(proxy);
    await assert.rejects(through(entry(), folder, server, { proxy: proxy.address }), failure('weights', /asks for a name and a password \(status 407\)/, /http\.proxy/));
    const wrong = proxy.address.replace('//', '//me:wr0ng@');
    await assert.rejects(through(entry(), folder, server, { proxy: wrong }), (error) => failure('weights', /407/)(error) && !(error as Error).message.includes('wr0ng'));
    await through(entry(), folder, server, { proxy: proxy.address.replace('//', '//me:s3cret@') });
    await whole(folder, content);
  }));

  it('is taken from the environment, and left out for the hosts of NO_PROXY', () => inFolder(async (folder) => {
    const { content, entry } = await smallWeights(folder);
    const server = await serve((request, response) => { sendFile(content, request, response); });
    const proxy = await serveProxy();
    open.push(proxy);
    process.env['HTTP_PROXY'] = process.env['http_proxy'] = proxy.address;
    process.env['NO_PROXY'] = process.env['no_proxy'] = '127.0.0.1';
    await inFolder(async (other) => {
      await install(entry(), other, { mirror: server.address });
      assert.equal(proxy.used(), 0);
    });
    await through(entry(), folder, server, {});
    assert.equal(proxy.used(), 1);
    await whole(folder, content);
  }));

  it('that is not there, or is no address', () => inFolder(async (folder) => {
    const { entry } = await smallWeights(folder);
    const server = await serve((_, response) => response.end());
    await assert.rejects(through(entry(), folder, server, { proxy: 'http://127.0.0.1:9' }), failure('weights', /proxy http:\/\/127\.0\.0\.1:9/));
    await assert.rejects(through(entry(), folder, server, { proxy: 'not an address' }), failure('usage', /address of the proxy/));
  }));

  it('carries encrypted downloads; a certificate that cannot be trusted is refused with what to do', function () {
    return inFolder(async (folder) => {
      const tls = selfSigned(folder, 'weights.invalid');
      if (!tls) return this.skip();                                      // there is no openssl to make a certificate with
      const { content, entry } = await smallWeights(folder);
      const server = await serveWeights((request, response) => { sendFile(content, request, response); }, tls);
      const proxy = await serveProxy();
      open.push(server, proxy);
      await assert.rejects(through(entry(), folder, server, { proxy: proxy.address }), failure('weights', /certificate of https:\/\/weights\.invalid/, /NODE_EXTRA_CA_CERTS/));
      assert.deepEqual(server.seen, []);
      await through(entry(), folder, server, { proxy: proxy.address, strictTls: false });
      await whole(folder, content);
      assert.equal(proxy.used(), 2);
    });
  });

  it('an encrypted address that redirects to one that is not is not followed', function () {
    return inFolder(async (folder) => {
      const tls = selfSigned(folder, 'localhost');
      if (!tls) return this.skip();                                      // as above
      const { content, entry } = await smallWeights(folder);
      const plain = await serve((request, response) => { sendFile(content, request, response); });
      const server = await serveWeights((_, response) => response.writeHead(302, { location: plain.address }).end(), tls);
      open.push(server);
      await assert.rejects(install(entry(), folder, { mirror: server.address, strictTls: false }), failure('weights', /not encrypted/));
      assert.deepEqual(plain.seen, []);
    });
  });
});

/** @returns undefined where there is no openssl */
function selfSigned(folder: string, host: string): { readonly key: Buffer; readonly cert: Buffer } | undefined {
  const [key, cert] = [join(folder, `${host}.key`), join(folder, `${host}.crt`)];
  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } catch {
    return undefined;
  }
}
