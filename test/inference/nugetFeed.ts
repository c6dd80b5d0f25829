import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { sendFile } from '../weights/weightServer.ts';

export const version = '1.2.3';
const id = 'microsoft.ml.onnxruntime.gpu.linux';

/** What a feed does otherwise than a good one. */
export interface Feed {
  /** Files of the package; the two libraries where absent. */
  readonly files?: Readonly<Record<string, Buffer>>;
  readonly versions?: readonly string[];
  /** What the catalogue records. */
  readonly hash?: string;
  readonly answer?: (path: string, response: ServerResponse, content: Buffer, request: IncomingMessage) => boolean;
  /** Told of each request for the package: the range it asks for. */
  readonly onPackage?: (range: string | undefined) => void;
}

export const library = (name: string): Buffer => Buffer.concat([Buffer.from('\x7fELF'), Buffer.from(name.repeat(20_000))]);
export const libraries: Readonly<Record<string, Buffer>> = Object.fromEntries(['shared', 'cuda', 'tensorrt'].map((name) => [`runtimes/linux-x64/native/libonnxruntime_providers_${name}.so`, library(name)]));

/** A NuGet feed on this machine for as long as `use` takes. @param use gets the address of its service index */
export async function withFeed({ files = libraries, versions = ['1.0.0', version], hash, answer, onPackage }: Feed, use: (index: string) => Promise<void>): Promise<void> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(content, name);
  zip.end();
  const content = await buffer(zip.outputStream);
  const sha512 = hash ?? createHash('sha512').update(content).digest('base64');
  const server = createServer((request, response) => {
    const { url = '', headers } = request;
    if (url.endsWith('.nupkg')) onPackage?.(headers.range);
    if (answer?.(url, response, content, request) === true) return;
    const base = `http://${headers.host ?? ''}`;
    const documents: Readonly<Record<string, unknown>> = {
      '/index.json': { resources: [{ '@id': `${base}/flat`, '@type': 'PackageBaseAddress/3.0.0' }, { '@id': `${base}/registration/`, '@type': 'RegistrationsBaseUrl/3.6.0' }] },
      [`/flat/${id}/index.json`]: { versions },
      [`/registration/${id}/${version}.json`]: { catalogEntry: `${base}/catalog.json` },
      '/catalog.json': { packageHash: sha512, packageHashAlgorithm: 'SHA512', packageSize: content.length },
    };
    if (url in documents) response.setHeader('content-type', 'application/json').end(JSON.stringify(documents[url]));
    else if (url === `/flat/${id}/${version}/${id}.${version}.nupkg`) sendFile(content, request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/index.json`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
