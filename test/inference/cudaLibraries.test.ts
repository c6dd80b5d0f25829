import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { deviceHandlers } from '../../kernel/deviceHandlers.ts';
import { KernelFailure, type FailureKind } from '../../kernel/failure.ts';
import { installCudaLibraries, type CudaInstallOptions } from '../../kernel/inference/cudaLibraries.ts';
import { checkParams } from '../../kernel/requestParams.ts';
import type { WeightsProgress } from '../../kernel/weights/progress.ts';
import { difface } from '../cli/command.ts';
import { hasty } from '../weights/smallWeights.ts';
import { sendFile, serveProxy } from '../weights/weightServer.ts';
import { libraries, library, version, withFeed, type Feed } from './nugetFeed.ts';

const names = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'];
const never = new AbortController().signal;

describe('CUDA libraries', () => {
  let home: string;
  let folder: string;
  let cache: string | undefined;
  beforeEach(async function () {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      console.log('      skipped: they are for Linux on x64 alone');
      this.skip();
    }
    home = await mkdtemp(join(tmpdir(), 'difface-cuda-test-'));
    folder = join(home, 'bin');
    await mkdir(folder);
    cache = process.env['DIFFACE_CACHE'];
    process.env['DIFFACE_CACHE'] = join(home, 'cache');
  });
  afterEach(async () => {
    if (cache === undefined) delete process.env['DIFFACE_CACHE'];
    else process.env['DIFFACE_CACHE'] = cache;
    await rm(home, { recursive: true, force: true });
  });
  const install = (feed: string, changes: Partial<CudaInstallOptions> = {}): Promise<readonly string[]> =>
    installCudaLibraries({ feed, folder, version, network: {}, signal: never, onProgress: () => undefined, patience: hasty, ...changes });
  const downloads = (): Promise<readonly string[]> => readdir(join(home, 'cache', 'downloads')).then((names) => names.sort(), () => []);

  /** Nothing is installed, nothing is left behind, and a person is told why. */
  const fails = (feed: Feed, kind: FailureKind, said: RegExp, signal = never): Promise<void> => withFeed(feed, async (index) => {
    await assert.rejects(install(index, { signal }), (error) => error instanceof KernelFailure && error.kind === kind && said.test(error.message) || assert.fail(String(error)));
    assert.deepEqual(await readdir(folder), []);
  });

  it('are taken from the package of the same version, checked, and nothing else of it', () => withFeed({}, async (index) => {
    await writeFile(join(folder, names[0]!), 'an older one');
    const told: WeightsProgress[] = [];
    const files = await install(index, { onProgress: (progress) => { told.push(progress); } });
    assert.deepEqual((await readdir(folder)).sort(), names);
    assert.deepEqual(files.toSorted(), names.map((name) => join(folder, name)));
    assert.deepEqual(await readFile(join(folder, names[0]!)), library('cuda'));
    assert.deepEqual([...new Set(told.map(({ stage }) => stage))], ['downloading', 'checking']);
    const last = told.findLast(({ stage }) => stage === 'downloading');
    assert.ok(last?.stage === 'downloading' && last.done === last.total);
    assert.deepEqual(await downloads(), [], 'the package itself is not kept');
  }));

  it('are not installed from a package that is not what its feed announces', () => fails({ hash: Buffer.alloc(64).toString('base64') }, 'dependency', /SHA-512.*nothing was installed/));

  it('are not installed when the package lacks one, or holds something else under its name', async () => {
    const [shared] = Object.keys(libraries);
    await fails({ files: { [shared!]: libraries[shared!]! } }, 'dependency', /lacks libonnxruntime_providers_cuda\.so/);
    await fails({ files: { ...libraries, [shared!]: Buffer.from('<html>no library</html>') } }, 'dependency', /shared\.so.*damaged/);
    await fails({ files: {}, answer: (path, response) => path.endsWith('.nupkg') && Boolean(response.end('no zip')) }, 'dependency', /is not the package of the CUDA libraries: it has 6 bytes/);
  });

  it('are not there for a version that was never published', () => fails({ versions: ['1.0.0'] }, 'dependency', /no CUDA libraries for ONNX Runtime 1\.2\.3/));

  it('are fetched on from where the connection was cut, in the same install or the next', async () => {
    const cuts: readonly (readonly [failing: number, installs: number])[] = [[1, 1], [1 + hasty.waits.length + 1, 2]];
    for (const [failing, installs] of cuts) {
      const ranges: (string | undefined)[] = [];
      const answer: Feed['answer'] = (path, response, content, request) => {
        if (!path.endsWith('.nupkg') || ranges.length > failing) return false;
        if (ranges.length === 1) sendFile(content, request, response, { cutAfter: 40 });
        else request.socket.destroy();
        return true;
      };
      await withFeed({ answer, onPackage: (range) => { ranges.push(range); } }, async (index) => {
        for (let i = 1; i < installs; i++) {
          await assert.rejects(install(index), { kind: 'dependency', message: /package of the CUDA libraries could not be downloaded: .*are kept/ });
          assert.deepEqual(await readdir(folder), []);
        }
        await install(index);
      });
      assert.equal(ranges[0], undefined);
      assert.match(ranges.at(-1)!, /^bytes=[1-9]\d*-$/);
      assert.deepEqual((await readdir(folder)).sort(), names);
      assert.deepEqual(await downloads(), []);
      await rm(folder, { recursive: true });
      await mkdir(folder);
    }
  });

  it('come through a proxy', () => withFeed({}, async (index) => {
    const proxy = await serveProxy();
    try {
      await install(index, { network: { proxy: proxy.address, noProxy: '' } });
      assert.deepEqual((await readdir(folder)).sort(), names);
      assert.ok(proxy.used() > 0);
    } finally {
      await proxy.close();
    }
  }));

  it('are asked for by the editor through the proxy and with the trust in certificates that its settings name', () => withFeed({ versions: ['1.0.0'] }, async (index) => {
    const [proxy, feed] = [await serveProxy('me:s3cret'), process.env['DIFFACE_NUGET']];
    process.env['DIFFACE_NUGET'] = index.replace('127.0.0.1', 'feed.invalid');   // led to this machine by the proxy alone
    const ask = async (settings: object): Promise<unknown> => {
      const params = checkParams('installCuda', { job: 'j', agreed: true, network: settings });
      return deviceHandlers(() => () => undefined, () => assert.fail('nothing was installed')).installCuda(params, never);
    };
    try {
      const authorization = `Basic ${Buffer.from('me:s3cret').toString('base64')}`;
      await assert.rejects(ask({ proxy: proxy.address, noProxy: '', proxyAuthorization: authorization, strictTls: false }), { kind: 'dependency', message: /no CUDA libraries for ONNX Runtime/ });
      assert.ok(proxy.used() > 0);
      await assert.rejects(ask({ proxy: proxy.address, noProxy: '' }), { kind: 'dependency', message: /asks for a name and a password/ });
      assert.throws(() => checkParams('installCuda', { job: 'j', agreed: true }), { kind: 'usage', message: /'network'/ });
    } finally {
      await proxy.close();
      if (feed === undefined) delete process.env['DIFFACE_NUGET'];
      else process.env['DIFFACE_NUGET'] = feed;
    }
  }));

  it('that cannot be fetched whole are told with the address', async () => {
    await fails({ answer: (path, response, content) => path.endsWith('.nupkg') && (response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 1000), () => response.destroy()), true) }, 'dependency', /could not be downloaded: the connection to http.*broke/);
    await fails({ answer: (_, response) => Boolean(response.writeHead(503).end()) }, 'dependency', /status 503/);
    await fails({ answer: (_, response) => Boolean(response.setHeader('content-type', 'text/html').end('<html>sign in</html>')) }, 'dependency', /web page.*DIFFACE_NUGET/);
  });

  it('can be given up in the middle', () => {
    const controller = new AbortController();
    return fails({
      answer: (path, response, content) => {
        if (!path.endsWith('.nupkg')) return false;
        response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 1000));
        setTimeout(() => { controller.abort(new KernelFailure('cancelled', 'given up')); }, 50);
        return true;
      },
    }, 'cancelled', /download of the package of the CUDA libraries was cancelled/, controller.signal);
  });

  it('name the folder that cannot be written', async function () {
    if (process.getuid?.() === 0) {
      await writeFile(join(folder, 'file'), '');
      await assert.rejects(install('http://127.0.0.1:1/', { folder: join(folder, 'file') }), { kind: 'output', message: /cannot be written to .*file/ });
      return;
    }
    await chmod(folder, 0o500);
    await assert.rejects(install('http://127.0.0.1:1/'), { kind: 'output', message: /cannot be written/ });
  });

  it('are not asked for at an address that is none of the web, nor where the feed names one: that is told at once, without its password', async () => {
    for (const [feed, shown] of [['ftp://me:s3cret@host/index.json', 'ftp://host/index.json'], ['/srv/feed', '/srv/feed']] as const) {
      const { code, stderr } = await difface(['devices', 'install-cuda'], { env: { DIFFACE_NUGET: feed } });
      assert.deepEqual([code, stderr], [1, `difface: ${shown} is no address that begins with https:// or http://; let DIFFACE_NUGET name a feed that can be reached\n`]);
    }
    await fails({ answer: (path, response) => path.endsWith('/index.json') && Boolean(response.end(JSON.stringify({ resources: [{ '@id': 'ftp://host/packages', '@type': 'PackageBaseAddress/3.0.0' }] }))) }, 'dependency', /^ftp:\/\/host\/packages\/\S+ is no address that begins with https/);
  });

  it('offline are a clear failure of the command', async () => {
    const { code, stderr } = await difface(['devices', 'install-cuda'], { env: { DIFFACE_NUGET: 'http://127.0.0.1:1/index.json' } });
    assert.equal(code, 1);
    assert.match(stderr, /^difface: no connection to http:\/\/127\.0\.0\.1:1\/index\.json can be made .*DIFFACE_NUGET/m);
  });
});
