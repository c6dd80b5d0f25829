import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { KernelFailure, messageOf } from '../failure.ts';
import { failureOf, type Purpose } from './purpose.ts';
import { basicAuthorization, shownAddress } from './shownAddress.ts';

/** Something that may be over in a moment: the next attempt may succeed. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  /**
   * @param wait seconds that the server asked to wait
   * @param unreachable host to which no connection could be made
   */
  constructor(message: string, readonly wait?: number, readonly unreachable?: string) {
    super(message);
  }
}

/** What a server answered with: a file, or the rest of one. */
export interface Answer {
  readonly status: 200 | 206 | 416;
  /** Address after all redirects. */
  readonly address: string;
  /** What names this version of the file: a strong ETag, else the time of its last change. */
  readonly version: string | undefined;
  /** Whether the server sends files from the middle, too; undefined where it does not say. */
  readonly ranges: boolean | undefined;
  /** Bytes that are going to come; undefined where the server does not say. */
  readonly length: number | undefined;
  /** Of a part: where it begins, and the size of the whole. */
  readonly range: { readonly from: number | undefined; readonly total: number | undefined };
  readonly body: Readable;
}

export interface AskOptions {
  readonly agent: Dispatcher;
  readonly signal: AbortSignal;
  /** The proxy that is used, for messages. */
  readonly proxy: string | undefined;
  readonly purpose: Purpose;
  /** The rest from here is wanted, if the file is still of this version. */
  readonly rest?: { readonly from: number; readonly version: string } | undefined;
}

/** By which way something is fetched, and what for. */
type Way = Pick<AskOptions, 'proxy' | 'purpose'>;

const mostRedirects = 10;

/**
 * Asks for a file, through redirects. The body has to be read or destroyed.
 * @throws Interruption when it is worth trying again; KernelFailure when it is not
 */
export async function ask(address: string, options: AskOptions): Promise<Answer> {
  const { purpose } = options;
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) throw failureOf(purpose, `${shownAddress(address)} is no address that begins with https:// or http://; ${purpose.otherwise}`);
  const seen = new Set<string>();
  for (let at = address; ;) {
    if (seen.has(at)) throw failureOf(purpose, `${shownAddress(address)} leads in a circle of redirects, by way of ${shownAddress(at)}; try again later, or ${purpose.otherwise}`);
    if (seen.size > mostRedirects) throw failureOf(purpose, `${shownAddress(address)} redirects more than ${mostRedirects} times; try again later, or ${purpose.otherwise}`);
    seen.add(at);
    // name and password go to the host they were given for, and to no other it leads to
    const authorization = basicAuthorization(at) ?? (new URL(at).origin === new URL(address).origin ? basicAuthorization(address) : undefined);
    const answer = await askOnce(at, authorization, options);
    const target = redirectOf(answer, at, purpose);
    if (target === undefined) return judge(answer, at, options, authorization !== undefined);
    answer.body.on('error', () => undefined).destroy();
    if (at.startsWith('https:') && target.startsWith('http:')) throw failureOf(purpose, `${shownAddress(at)} redirects to ${shownAddress(target)}, which is not encrypted; that is refused`);
    at = target;
  }
}

async function askOnce(address: string, authorization: string | undefined, { agent, signal, rest, proxy, purpose }: AskOptions): Promise<Dispatcher.ResponseData> {
  try {
    const { origin, pathname, search } = new URL(address);
    return await agent.request({
      origin, path: pathname + search, method: 'GET', signal,
      headers: { accept: 'application/octet-stream, */*', 'accept-encoding': 'identity', 'user-agent': 'difface', ...(authorization === undefined ? {} : { authorization }), ...(rest ? { range: `bytes=${rest.from}-`, 'if-range': rest.version } : {}) },
    });
  } catch (error) {
    signal.throwIfAborted();
    throw connectionFailure(error, address, { proxy, purpose });
  }
}

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData, from: string, purpose: Purpose): string | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined;
  const location = first(headers['location']);
  const target = location === undefined || !URL.canParse(location, from) ? undefined : new URL(location, from);
  if (!target || !/^https?:$/.test(target.protocol)) throw failureOf(purpose, `${shownAddress(from)} redirects to no address; try again later, or ${purpose.otherwise}`);
  return target.href;
}

/** @param known a name and a password were sent */
function judge({ statusCode, headers, body }: Dispatcher.ResponseData, address: string, options: AskOptions, known: boolean): Answer {
  const failure = refusal(statusCode, headers, shownAddress(address), options, known);
  if (failure) {
    body.on('error', () => undefined).destroy();
    throw failure;
  }
  const [etag, changed, length] = [first(headers['etag']), first(headers['last-modified']), first(headers['content-length'])];
  const accepted = statusCode === 206 ? 'bytes' : first(headers['accept-ranges'])?.trim().toLowerCase();
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(first(headers['content-range']) ?? '');
  return {
    status: statusCode as Answer['status'], address, body,
    ranges: accepted === undefined ? undefined : accepted === 'bytes',
    version: etag !== undefined && !etag.startsWith('W/') ? etag : changed,
    length: length === undefined ? undefined : Number(length),
    range: { from: range?.[1] === undefined ? undefined : Number(range[1]), total: range?.[2] === undefined || range[2] === '*' ? undefined : Number(range[2]) },
  };
}

/** Why an answer is no file, if it is none. */
function refusal(status: number, headers: Dispatcher.ResponseData['headers'], address: string, { proxy, purpose }: Way, known: boolean): Error | undefined {
  if (status === 416) return undefined;
  if (status === 407) return proxyRefuses(proxy, purpose);
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const wait = Number(first(headers['retry-after']));
    return new Interruption(`${address} answered with status ${status}`, Number.isFinite(wait) && wait > 0 ? Math.min(wait, 120) : undefined);
  }
  if (status === 404 || status === 410) return failureOf(purpose, `${address} is not there (status ${status}); if it was moved, ${purpose.otherwise}`);
  if (status === 401 || status === 403) {
    return failureOf(purpose, known ? `${address} does not take the name and the password that were given for it (status ${status}); see to them, or ${purpose.otherwise}`
      : `${address} is refused (status ${status}); ${purpose.login}; or ${purpose.otherwise}`);
  }
  if (status !== 200 && status !== 206) return failureOf(purpose, `${address} is refused (status ${status}); ${purpose.otherwise}`);
  const type = first(headers['content-type']) ?? '';
  if (/^\s*(text\/html|application\/xhtml)/i.test(type)) return webPage(address, purpose);
  const encoding = first(headers['content-encoding']) ?? 'identity';
  if (encoding !== 'identity') return failureOf(purpose, `${address} comes encoded as ${encoding}, which was not asked for; something on the way changes files, so ${purpose.otherwise}`);
  return undefined;
}

export function webPage(address: string, purpose: Purpose): KernelFailure {
  return failureOf(purpose, `${shownAddress(address)} answered with a web page in place of the file: a login page of this network, or an error page; open the address in a browser, or ${purpose.otherwise}`);
}

/** A connection that could not be made, or broke. */
export function connectionFailure(error: unknown, address: string, { proxy, purpose }: Way): Error {
  if (error instanceof KernelFailure || error instanceof Interruption) return error;
  const message = messageOf(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const shown = shownAddress(address);
  const unmade = (why: string): Interruption => new Interruption(why, undefined, new URL(address).host);
  const tunnel = /Proxy response \((\d+)\)/.exec(message)?.[1];
  if (tunnel === '407' || /Proxy Authentication Required/i.test(message)) return proxyRefuses(proxy, purpose);
  if (tunnel !== undefined) return unmade(`the proxy ${proxy ?? ''} does not reach ${shown} (status ${tunnel})`);
  if (/CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code)) {
    return failureOf(purpose, `the certificate of ${shown} cannot be trusted (${message}); where the network has a certificate of its own, let NODE_EXTRA_CA_CERTS name it`, error);
  }
  if (code === 'ECONNREFUSED' && proxy !== undefined) return unmade(`neither ${shown} nor the proxy ${proxy} takes the connection`);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return unmade(`the host of ${shown}${proxy === undefined ? '' : ` or of the proxy ${proxy}`} was not found`);
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return unmade(`${shown} does not answer`);
  if (code.endsWith('_TIMEOUT')) return new Interruption(`${shown} fell silent`);
  const why = message === '' ? code : message;
  if (unmadeCodes.has(code)) return unmade(`no connection to ${shown} can be made (${why})`);
  return new Interruption(`the connection to ${shown} broke (${why})`);
}

/** Of connections that came to nothing. */
const unmadeCodes = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN']);

function proxyRefuses(proxy: string | undefined, purpose: Purpose): KernelFailure {
  return failureOf(purpose, `the proxy${proxy === undefined ? '' : ` ${proxy}`} asks for a name and a password (status 407); put them into its address, http://name:password@host:port, in HTTPS_PROXY or in VS Code's setting http.proxy`);
}

function first(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
