import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, constants, mkdir, open, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { openPromise } from 'yauzl';
import { KernelFailure, messageOf } from '../failure.ts';
import { cacheFolder } from '../packageFolder.ts';
import { clearTemporaries, temporaryBeside } from '../temporaries.ts';
import { diskFailure } from '../weights/diskFailure.ts';
import { discard, download } from '../weights/download.ts';
import { withLock } from '../weights/fileLock.ts';
import type { NetworkSettings } from '../weights/network.ts';
import { usualPatience, type Patience } from '../weights/persistence.ts';
import type { OnWeightsProgress } from '../weights/progress.ts';
import { shownAddress } from '../weights/shownAddress.ts';
import { cudaPackage, forCuda, locatePackage, type LocatedPackage } from './cudaPackage.ts';
import { runtimeFolder } from './runtimeFolder.ts';

/** What the runtime's own package leaves out because of its size; TensorRT's, which is not used, stays away. */
const libraries = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'] as const;

/** About what the package takes, and more than it can take, where the catalogue does not say. */
const usualBytes = { least: 1, most: 4e9, likely: 450e6 };

export interface CudaInstallOptions {
  /** Service index of the NuGet feed; `DIFFACE_NUGET`, or the official one where absent. */
  readonly feed?: string;
  /** Where the libraries go: beside the runtime's where absent, since it looks for them there alone. */
  readonly folder?: string;
  readonly version?: string;
  readonly network: NetworkSettings;
  readonly signal: AbortSignal;
  readonly onProgress: OnWeightsProgress;
  readonly patience?: Patience;
}

/**
 * Fetches the libraries with which ONNX Runtime computes on cards of NVIDIA, in the runtime's very version, from its makers' feed: the package is checked against the length and
 * SHA-512 that the feed's catalogue records, each library against its checksum in the package. They appear whole or not at all; what was fetched of the package is kept in the cache folder
 * until they do, and gone on from.
 * @returns paths of the libraries
 * @throws KernelFailure('usage') where there is no such package for this machine, ('dependency') naming the address and what went wrong there, ('output') when they cannot be written, ('cancelled')
 */
export async function installCudaLibraries({ folder = runtimeFolder(), feed, version = runtimeVersion(), network, signal, onProgress, patience = usualPatience }: CudaInstallOptions): Promise<readonly string[]> {
  if (platform() !== 'linux' || arch() !== 'x64') throw new KernelFailure('usage', `CUDA libraries are needed and made for Linux on x64 alone, not for ${platform()} on ${arch()}; 'difface devices' lists what can run here`);
  await checkWritable(folder);
  const onRetry = (why: string, seconds: number): void => { onProgress({ stage: 'retrying', file: cudaPackage, why, seconds }); };
  const located = await locatePackage(version, { feed, network, signal, patience, onRetry });
  const path = join(cacheFolder(), 'downloads', `cuda-${version}.nupkg`);
  await mkdir(join(path, '..'), { recursive: true }).catch((error: unknown) => {
    throw diskFailure(path, error, forCuda) ?? error;
  });
  try {
    return await withLock(`${path}.lock`, signal, () => { onProgress({ stage: 'waiting', file: cudaPackage }); }, async () => {
      const part = `${path}.part`;
      await clearTemporaries(folder);                                   // of an install that was killed: hundreds of megabytes
      const { size, address } = located;
      const bytes = size === undefined ? usualBytes : { least: size, most: size, likely: size };
      await download({ file: cudaPackage, address, path, part, bytes, network, signal, onProgress, patience, purpose: forCuda });
      try {
        await checkSum(part, located, signal, onProgress);
        const installed = await unpack(part, folder, signal);
        await discard(part);
        return installed;
      } catch (error) {
        if (error instanceof KernelFailure && error.kind === 'dependency') await discard(part);   // the package itself is of no use; else the next install has it
        throw error;
      }
    });
  } catch (error) {
    if (signal.aborted && !(error instanceof KernelFailure)) throw new KernelFailure('cancelled', 'fetching the CUDA libraries was cancelled; nothing was installed', { cause: error });
    throw error;
  }
}

function runtimeVersion(): string {
  return (createRequire(import.meta.url)('onnxruntime-node/package.json') as { readonly version: string }).version;
}

async function checkWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw notWritten(folder, error);
  }
}

function notWritten(folder: string, error: unknown): KernelFailure {
  return new KernelFailure('output', `the CUDA libraries cannot be written to ${folder} (${messageOf(error)}); ONNX Runtime looks for them there alone`, { cause: error });
}

/** @throws KernelFailure('dependency') when it is not what the catalogue says */
async function checkSum(part: string, { address, hash, size }: LocatedPackage, signal: AbortSignal, onProgress: OnWeightsProgress): Promise<void> {
  const digest = createHash('sha512');
  let done = 0;
  for await (const chunk of createReadStream(part, { highWaterMark: 2 ** 20, signal })) {
    digest.update(chunk as Buffer);
    done += (chunk as Buffer).length;
    onProgress({ stage: 'checking', file: cudaPackage, done, total: size ?? done });
  }
  if (digest.digest('base64') !== hash) throw new KernelFailure('dependency', `what ${shownAddress(address)} sent is not what its feed announces (SHA-512); nothing was installed`);
}

/** Takes the libraries out of the package; all of them get their names when the last one is whole. */
async function unpack(file: string, folder: string, signal: AbortSignal): Promise<readonly string[]> {
  const parts = new Map<string, string>();
  try {
    const zip = await openPromise(file).catch((error: unknown) => {
      throw new KernelFailure('dependency', `the package of the CUDA libraries cannot be read (${messageOf(error)}); nothing was installed`, { cause: error });
    });
    try {
      for await (const entry of zip.eachEntry()) {
        signal.throwIfAborted();
        const library = libraries.find((name) => entry.fileName === `runtimes/linux-x64/native/${name}`);
        if (library === undefined) continue;
        const part = temporaryBeside(join(folder, `.${library}`));
        parts.set(library, part);
        await writeEntry(await zip.openReadStreamPromise(entry), part, library, entry.crc32, signal);
      }
    } finally {
      zip.close();
    }
    const missing = libraries.filter((name) => !parts.has(name));
    if (missing.length > 0) throw new KernelFailure('dependency', `the package of the CUDA libraries lacks ${missing.join(' and ')}; nothing was installed`);
    for (const library of libraries) await rename(parts.get(library)!, join(folder, library));
    return libraries.map((library) => join(folder, library));
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EPERM'].includes(String(error.code))) throw notWritten(folder, error);
    throw error;
  } finally {
    for (const part of parts.values()) await rm(part, { force: true });
  }
}

async function writeEntry(content: Readable, path: string, name: string, expected: number, signal: AbortSignal): Promise<void> {
  let sum = 0;
  const summing = new Transform({
    transform(chunk: Buffer, _, done) {
      sum = crc32(chunk, sum);
      done(null, chunk);
    },
  });
  await pipeline(content, summing, createWriteStream(path, { mode: 0o755 }), { signal });
  const head = Buffer.alloc(4);
  const written = await open(path, 'r');
  await written.read(head, 0, 4, 0).finally(() => written.close());
  if (sum !== expected || head.toString('latin1') !== '\x7fELF') throw new KernelFailure('dependency', `${name} in the package of the CUDA libraries is damaged; nothing was installed`);
}
