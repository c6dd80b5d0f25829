import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { afterEach } from 'mocha';

/** A request as a server saw it. */
export interface Seen {
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

export interface WeightServer {
  readonly address: string;
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

export type Answering = (request: IncomingMessage, response: ServerResponse, attempt: number) => void;

/** A server on this machine that answers as it is told; attempts are counted from 1. With a certificate it is encrypted. */
export async function serveWeights(answer: Answering, tls?: { readonly key: Buffer; readonly cert: Buffer }): Promise<WeightServer> {
  const seen: Seen[] = [];
  const listener: RequestListener = (request, response) => {
    seen.push({ path: request.url ?? '', range: request.headers.range, ifRange: request.headers['if-range'] as string | undefined });
    answer(request, response, seen.length);
  };
  return { ...await (tls ? listening(createSecureServer(tls, listener), 'https') : listening(createServer(listener))), seen };
}

/** For the suite it is called in: starts servers, which end with their test. */
export function serversOfATest(): (answer: Answering) => Promise<WeightServer> {
  const open: WeightServer[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });
  return async (answer) => {
    const server = await serveWeights(answer);
    open.push(server);
    return server;
  };
}

/** @returns where it listens, and how to end it with all its connections */
async function listening(server: ReturnType<typeof createServer>, protocol = 'http'): Promise<{ readonly address: string; close(): Promise<void> }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export interface Serving {
  readonly etag?: string | null;
  readonly lastModified?: string;
  readonly ranges?: boolean;
  /** The connection is cut after so many bytes of this answer. */
  readonly cutAfter?: number;
  /** What the header says in place of the truth; null for none. */
  readonly saidLength?: number | null;
  /** Bytes in each write, and milliseconds between two of them. */
  readonly pace?: { readonly bytes: number; readonly milliseconds: number };
}

/** Answers with a file, or the rest of it, as an honest server does, but for what it is told otherwise. */
export function sendFile(content: Buffer, request: IncomingMessage, response: ServerResponse, { etag = '"v1"', lastModified, ranges = true, cutAfter, saidLength, pace }: Serving = {}): void {
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const version = etag ?? lastModified;
  const from = ranges && asked !== undefined && version !== undefined && request.headers['if-range'] === version ? Number(asked) : 0;
  const part = asked !== undefined && from === Number(asked) && ranges;
  if (part && from >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const body = content.subarray(part ? from : 0);
  const length = saidLength === undefined ? body.length : saidLength;
  response.writeHead(part ? 206 : 200, {
    'content-type': 'application/octet-stream',
    ...(etag === null ? {} : { etag }), ...(lastModified === undefined ? {} : { 'last-modified': lastModified }),
    ...(length === null ? {} : { 'content-length': length }),
    ...(part ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
  });
  if (cutAfter !== undefined) {
    response.write(body.subarray(0, cutAfter), () => setTimeout(() => response.socket?.destroy(), 30));
  } else if (pace) {
    slowly(body, response, pace);
  } else {
    response.end(body);
  }
}

function slowly(body: Buffer, response: ServerResponse, pace: { readonly bytes: number; readonly milliseconds: number }): void {
  let at = 0;
  const next = (): void => {
    if (response.destroyed) return;
    response.write(body.subarray(at, at + pace.bytes));
    at += pace.bytes;
    if (at >= body.length) response.end();
    else setTimeout(next, pace.milliseconds);
  };
  next();
}

/** A proxy on this machine: tunnels, and where it is told a password, only for those who know it. */
export async function serveProxy(password?: string): Promise<{ readonly address: string; readonly used: () => number; close(): Promise<void> }> {
  let used = 0;
  const allowed = (request: IncomingMessage): boolean => password === undefined || request.headers['proxy-authorization'] === `Basic ${Buffer.from(password).toString('base64')}`;
  const forward: RequestListener = (_, response) => response.writeHead(501).end();
  const server = createServer(forward);
  server.on('connect', (request, socket) => {
    socket.on('error', () => undefined);
    if (!allowed(request)) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="here"\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    used++;
    const { hostname, port } = new URL(`http://${request.url ?? ''}`);
    // names that are nowhere lead to this machine: whoever reaches the file came through here
    const target = connect(Number(port), hostname.endsWith('.invalid') ? '127.0.0.1' : hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('close', () => target.destroy());
  });
  return { ...await listening(server), used: () => used };
}
