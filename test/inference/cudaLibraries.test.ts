import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { KernelFailure, type FailureKind } from '../../kernel/failure.ts';
import { installCudaLibraries } from '../../kernel/inference/cudaLibraries.ts';
import { difface } from '../cli/command.ts';
import { libraries, library, version, withFeed, type Feed } from './nugetFeed.ts';

const names = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'];
const never = new AbortController().signal;

describe('CUDA libraries', () => {
  let folder: string;
  beforeEach(async function () {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      console.log('      skipped: they are for Linux on x64 alone');
      this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), 'difface-cuda-test-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Nothing is installed, nothing is left behind, and a person is told why. */
  const fails = (feed: Feed, kind: FailureKind, said: RegExp, signal = never): Promise<void> => withFeed(feed, async (index) => {
    await assert.rejects(installCudaLibraries({ feed: index, folder, version, signal }), (error) => error instanceof KernelFailure && error.kind === kind && said.test(error.message) || assert.fail(String(error)));
    assert.deepEqual(await readdir(folder), []);
  });

  it('are taken from the package of the same version, checked, and nothing else of it', () => withFeed({}, async (index) => {
    await writeFile(join(folder, names[0]!), 'an older one');
    const told: (readonly [number, number | undefined])[] = [];
    const files = await installCudaLibraries({ feed: index, folder, version, signal: never, onProgress: (...progress) => told.push(progress) });
    assert.deepEqual((await readdir(folder)).sort(), names);
    assert.deepEqual(files.toSorted(), names.map((name) => join(folder, name)));
    assert.deepEqual(await readFile(join(folder, names[0]!)), library('cuda'));
    assert.equal(told.at(-1)![0], told.at(-1)![1]);
  }));

  it('are not installed from a package that is not what its feed announces', () => fails({ hash: Buffer.alloc(64).toString('base64') }, 'dependency', /SHA-512.*nothing was installed/));

  it('are not installed when the package lacks one, or holds something else under its name', async () => {
    const [shared] = Object.keys(libraries);
    await fails({ files: { [shared!]: libraries[shared!]! } }, 'dependency', /lacks libonnxruntime_providers_cuda\.so/);
    await fails({ files: { ...libraries, [shared!]: Buffer.from('<html>no library</html>') } }, 'dependency', /shared\.so.*damaged/);
    await fails({ files: {}, answer: (path, response) => path.endsWith('.nupkg') && Boolean(response.end('no zip')) }, 'dependency', /sent.*announces/);
  });

  it('are not there for a version that was never published', () => fails({ versions: ['1.0.0'] }, 'dependency', /no CUDA libraries for ONNX Runtime 1\.2\.3/));

  it('that cannot be fetched whole are told with the address', async () => {
    await fails({ answer: (path, response, content) => path.endsWith('.nupkg') && (response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 1000), () => response.destroy()), true) }, 'dependency', /connection to http.*broke|cannot be reached/);
    await fails({ answer: (_, response) => Boolean(response.writeHead(503).end()) }, 'dependency', /status 503/);
    await fails({ answer: (_, response) => Boolean(response.setHeader('content-type', 'text/html').end('<html>sign in</html>')) }, 'dependency', /did not answer as a NuGet feed/);
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
    }, 'cancelled', /given up/, controller.signal);
  });

  it('name the folder that cannot be written', async function () {
    if (process.getuid?.() === 0) {
      await writeFile(join(folder, 'file'), '');
      await assert.rejects(installCudaLibraries({ feed: 'http://127.0.0.1:1/', folder: join(folder, 'file'), version, signal: never }), { kind: 'output', message: /cannot be written to .*file/ });
      return;
    }
    await chmod(folder, 0o500);
    await assert.rejects(installCudaLibraries({ feed: 'http://127.0.0.1:1/', folder, version, signal: never }), { kind: 'output', message: /cannot be written/ });
  });

  it('offline are a clear failure of the command', async () => {
    const { code, stderr } = await difface(['devices', 'install-cuda'], { env: { DIFFACE_NUGET: 'http://127.0.0.1:1/index.json' } });
    assert.equal(code, 1);
    assert.match(stderr, /^difface: http:\/\/127\.0\.0\.1:1\/index\.json cannot be reached .*connect to the internet/);
  });
});
