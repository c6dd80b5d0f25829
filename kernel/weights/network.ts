import type { Dispatcher } from 'undici';
import { KernelFailure } from '../failure.ts';
import type { OfficialFile } from './officialFiles.ts';
import { shownAddress } from './shownAddress.ts';

/** How weights are reached. What is absent is taken from the environment: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, DIFFACE_WEIGHTS_MIRROR. */
export interface NetworkSettings {
  /** Address of a proxy, with name and password where it asks for them. */
  readonly proxy?: string;
  /** Hosts reached without it, separated by commas. */
  readonly noProxy?: string;
  /** Value of the header Proxy-Authorization. */
  readonly proxyAuthorization?: string;
  /** false: certificates are not checked. */
  readonly strictTls?: boolean;
  /** Address of a folder that holds the official files under their names. */
  readonly mirror?: string;
}

/** Milliseconds of silence after which a connection counts as lost. */
export interface Silence {
  readonly connect: number;
  readonly answer: number;
  readonly body: number;
}

export const usualSilence: Silence = { connect: 20_000, answer: 60_000, body: 30_000 };

/**
 * What requests go through; to be destroyed afterwards.
 * @throws KernelFailure('usage') for an address of a proxy that is none
 */
export async function createAgent({ proxy, noProxy, proxyAuthorization, strictTls = true }: NetworkSettings, silence: Silence): Promise<Dispatcher> {
  const tls = { rejectUnauthorized: strictTls, timeout: silence.connect };
  const options = {
    ...(proxy === undefined ? {} : { httpProxy: proxy, httpsProxy: proxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
    ...(proxyAuthorization === undefined ? {} : { token: proxyAuthorization }),
    connect: tls, requestTls: tls, proxyTls: tls, headersTimeout: silence.answer, bodyTimeout: silence.body,
  };
  const { EnvHttpProxyAgent } = await import('undici');                // takes a while to load, and most runs download nothing
  try {
    return new EnvHttpProxyAgent(options);
  } catch (error) {
    throw new KernelFailure('usage', `the address of the proxy, ${shownAddress(proxy ?? proxyOfEnvironment() ?? '')}, is none; it looks like http://host:port or http://name:password@host:port`, { cause: error });
  }
}

/** Address of the proxy that is used, for messages: without its password. */
export function proxyShown({ proxy }: NetworkSettings): string | undefined {
  const address = proxy ?? proxyOfEnvironment();
  return address === undefined || address === '' ? undefined : shownAddress(address);
}

/** Where a file is fetched from. @throws KernelFailure('usage') for a mirror that is no address */
export function addressOf(file: OfficialFile, { mirror = process.env['DIFFACE_WEIGHTS_MIRROR'] ?? '' }: NetworkSettings): string {
  if (mirror === '') return file.address;
  try {
    const base = new URL(mirror.endsWith('/') ? mirror : `${mirror}/`);
    if (/^https?:$/.test(base.protocol) && base.search === '' && base.hash === '') return new URL(encodeURIComponent(file.file), base).href;
  } catch {
    // said below
  }
  if (/^https?:.*[?#]/is.test(mirror)) throw new KernelFailure('usage', `the mirror for weights, ${shownAddress(mirror)}, is the address of a folder, and takes nothing after a question mark or a number sign; it looks like https://host/folder/`);
  throw new KernelFailure('usage', `the mirror for weights, ${shownAddress(mirror)}, is no address; it looks like https://host/folder/`);
}

function proxyOfEnvironment(): string | undefined {
  const { env } = process;
  return env['https_proxy'] ?? env['HTTPS_PROXY'] ?? env['http_proxy'] ?? env['HTTP_PROXY'];
}
