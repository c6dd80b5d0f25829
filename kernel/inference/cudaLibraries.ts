import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, constants, mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { openPromise } from 'yauzl';
import { z } from 'zod';
import { KernelFailure, messageOf } from '../failure.ts';
import { runtimeFolder } from './runtimeFolder.ts';

/** What the runtime's own package leaves out because of its size; TensorRT's, which is not used, stays away. */
const libraries = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'] as const;
const packageName = 'microsoft.ml.onnxruntime.gpu.linux';
const officialFeed = 'https://api.nuget.org/v3/index.json';

export interface CudaInstallOptions {
  /** Service index of the NuGet feed; `DIFFACE_NUGET`, or the official one where absent. */
  readonly feed?: string;
  /** Where the libraries go: beside the runtime's where absent, since it looks for them there alone. */
  readonly folder?: string;
  readonly version?: string;
  readonly signal: AbortSignal;
  /** @param total bytes; undefined where the server does not say */
  readonly onProgress?: (received: number, total: number | undefined) => void;
}

const serviceIndex = z.object({ resources: z.array(z.object({ '@id': z.string(), '@type': z.string() })) });
const versionList = z.object({ versions: z.array(z.string()) });
const registration = z.object({ catalogEntry: z.union([z.string(), z.object({ '@id': z.string() })]) });
const catalogEntry = z.object({ packageHash: z.string(), packageHashAlgorithm: z.literal('SHA512'), packageSize: z.number().optional() });

/**
 * Fetches the libraries with which ONNX Runtime computes on cards of NVIDIA, in the runtime's very version, from its makers' feed: the package is checked against the length and
 * SHA-512 that the feed's catalogue records, each library against its checksum in the package. They appear whole or not at all.
 * @returns paths of the libraries
 * @throws KernelFailure('usage') where there is no such package for this machine, ('dependency') naming the address and what went wrong there, ('output') when they cannot be written, ('cancelled')
 */
export async function installCudaLibraries({ folder = runtimeFolder(), feed, version = runtimeVersion(), signal, onProgress }: CudaInstallOptions): Promise<readonly string[]> {
  if (platform() !== 'linux' || arch() !== 'x64') throw new KernelFailure('usage', `CUDA libraries are needed and made for Linux on x64 alone, not for ${platform()} on ${arch()}; 'difface devices' lists what can run here`);
  await checkWritable(folder);
  const index = feed ?? process.env['DIFFACE_NUGET'] ?? officialFeed;
  const { address, hash, size } = await locate(index, version, signal);
  const work = await mkdtemp(join(tmpdir(), 'difface-cuda-'));
  try {
    const file = join(work, 'package.nupkg');
    await download(address, file, { hash, size, signal, ...(onProgress ? { onProgress } : {}) });
    return await unpack(file, folder, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
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

interface Located {
  readonly address: string;
  /** SHA-512 in base64. */
  readonly hash: string;
  readonly size: number | undefined;
}

/** Finds the package by the feed's service index (https://learn.microsoft.com/nuget/api/overview). */
async function locate(index: string, version: string, signal: AbortSignal): Promise<Located> {
  const { resources } = await json(index, serviceIndex, signal);
  const base = (kind: string): string => {
    const found = resources.find(({ '@type': type }) => type === kind)?.['@id'];
    if (found === undefined) throw new KernelFailure('dependency', `${index} offers no ${kind}; it is no NuGet feed that can be used`);
    return found.endsWith('/') ? found : `${found}/`;
  };
  const packages = `${base('PackageBaseAddress/3.0.0')}${packageName}`;
  const { versions } = await json(`${packages}/index.json`, versionList, signal);
  if (!versions.includes(version.toLowerCase())) throw new KernelFailure('dependency', `${index} has no CUDA libraries for ONNX Runtime ${version}; an older or newer version does not fit`);
  const leaf = await json(`${base('RegistrationsBaseUrl/3.6.0')}${packageName}/${version.toLowerCase()}.json`, registration, signal);
  const { packageHash, packageSize } = await json(typeof leaf.catalogEntry === 'string' ? leaf.catalogEntry : leaf.catalogEntry['@id'], catalogEntry, signal);
  return { address: `${packages}/${version.toLowerCase()}/${packageName}.${version.toLowerCase()}.nupkg`, hash: packageHash, size: packageSize };
}

async function json<T>(address: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
  const response = await get(address, signal);
  const { data, error } = schema.safeParse(await response.json().catch(() => undefined));
  if (error) throw new KernelFailure('dependency', `${address} did not answer as a NuGet feed does`, { cause: error });
  return data;
}

async function get(address: string, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, { signal });
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new KernelFailure('dependency', `${address} cannot be reached (${messageOf(cause)}); the CUDA libraries are fetched from there, connect to the internet or let DIFFACE_NUGET name a feed that can be reached`, { cause: error });
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new KernelFailure('dependency', `${address} answers with status ${response.status}`);
  }
  return response;
}

async function download(address: string, path: string, { hash, size, signal, onProgress }: Omit<Located, 'address'> & Pick<CudaInstallOptions, 'signal' | 'onProgress'>): Promise<void> {
  const response = await get(address, signal);
  const length = Number(response.headers.get('content-length') ?? '') || size;
  const digest = createHash('sha512');
  let received = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _, done) {
      received += chunk.length;
      digest.update(chunk);
      onProgress?.(received, length);
      done(null, chunk);
    },
  });
  try {
    if (!response.body) throw new Error('there is no content');
    await pipeline(Readable.fromWeb(response.body), counting, createWriteStream(path), { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (isFull(error)) throw new KernelFailure('output', `there is no room for the CUDA libraries in ${tmpdir()}; they need 1 GB there`, { cause: error });
    throw new KernelFailure('dependency', `the connection to ${address} broke after ${megabytes(received)} (${messageOf(error)}); try again`, { cause: error });
  }
  if (size !== undefined && received !== size) throw new KernelFailure('dependency', `${address} sent ${megabytes(received)} where its feed announces ${megabytes(size)}; try again`);
  if (digest.digest('base64') !== hash) throw new KernelFailure('dependency', `what ${address} sent is not what its feed announces (SHA-512); nothing was installed`);
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
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
        const part = join(folder, `.${library}.${process.pid}.part`);
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
