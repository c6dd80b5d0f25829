import { z } from 'zod';
import { KernelFailure } from '../failure.ts';
import { fetchText } from '../weights/fetchText.ts';
import { createAgent, proxyShown, type NetworkSettings } from '../weights/network.ts';
import type { Patience } from '../weights/persistence.ts';
import { networkLogin, type Purpose } from '../weights/purpose.ts';
import { shownAddress } from '../weights/shownAddress.ts';

/** What the package is called, for people. */
export const cudaPackage = 'the package of the CUDA libraries';

export const forCuda: Purpose = { kind: 'dependency', what: 'NuGet package', login: networkLogin, otherwise: 'let DIFFACE_NUGET name a feed that can be reached', elsewhere: 'let DIFFACE_CACHE name another folder' };

const packageName = 'microsoft.ml.onnxruntime.gpu.linux';
const officialFeed = 'https://api.nuget.org/v3/index.json';

const serviceIndex = z.object({ resources: z.array(z.object({ '@id': z.string(), '@type': z.string() })) });
const versionList = z.object({ versions: z.array(z.string()) });
const registration = z.object({ catalogEntry: z.union([z.string(), z.object({ '@id': z.string() })]) });
const catalogEntry = z.object({ packageHash: z.string(), packageHashAlgorithm: z.literal('SHA512'), packageSize: z.number().int().positive().optional() });

export interface LocatedPackage {
  readonly address: string;
  /** SHA-512 in base64. */
  readonly hash: string;
  /** Bytes; undefined where the catalogue does not say. */
  readonly size: number | undefined;
}

export interface FeedOptions {
  /** Service index of the NuGet feed; `DIFFACE_NUGET`, or the official one where absent. */
  readonly feed?: string | undefined;
  readonly network: NetworkSettings;
  readonly signal: AbortSignal;
  readonly patience: Patience;
  readonly onRetry: (why: string, seconds: number) => void;
}

/**
 * Finds the package of a version by the feed's service index (https://learn.microsoft.com/nuget/api/overview).
 * @throws KernelFailure('dependency') naming the address and what went wrong there, ('cancelled')
 */
export async function locatePackage(version: string, { feed: wished = process.env['DIFFACE_NUGET'] ?? '', network, signal, patience, onRetry }: FeedOptions): Promise<LocatedPackage> {
  const feed = wished === '' ? officialFeed : wished;
  const agent = await createAgent(network, patience.silence);
  const briefly = { ...patience, waits: patience.waits.slice(0, 3) };   // somebody waits to see whether it begins at all
  const json = async <T>(address: string, schema: z.ZodType<T>): Promise<T> => {
    const text = await fetchText(address, { agent, signal, proxy: proxyShown(network), purpose: forCuda }, briefly, onRetry);
    const { data, error } = schema.safeParse(parsed(text));
    if (error) throw new KernelFailure('dependency', `${shownAddress(address)} did not answer as a NuGet feed does; ${forCuda.otherwise}`, { cause: error });
    return data;
  };
  try {
    const { resources } = await json(feed, serviceIndex);
    const base = (kind: string): string => {
      const found = resources.find(({ '@type': type }) => type === kind)?.['@id'];
      if (found === undefined) throw new KernelFailure('dependency', `${shownAddress(feed)} offers no ${kind}; it is no NuGet feed that can be used`);
      return found.endsWith('/') ? found : `${found}/`;
    };
    const packages = `${base('PackageBaseAddress/3.0.0')}${packageName}`;
    const { versions } = await json(`${packages}/index.json`, versionList);
    const wanted = version.toLowerCase();
    if (!versions.includes(wanted)) throw new KernelFailure('dependency', `${shownAddress(feed)} has no CUDA libraries for ONNX Runtime ${version}; an older or newer version does not fit`);
    const leaf = await json(`${base('RegistrationsBaseUrl/3.6.0')}${packageName}/${wanted}.json`, registration);
    const { packageHash, packageSize } = await json(typeof leaf.catalogEntry === 'string' ? leaf.catalogEntry : leaf.catalogEntry['@id'], catalogEntry);
    return { address: `${packages}/${wanted}/${packageName}.${wanted}.nupkg`, hash: packageHash, size: packageSize };
  } finally {
    await agent.destroy().catch(() => undefined);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
