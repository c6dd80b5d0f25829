import { strict as assert } from 'node:assert';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createConnection } from 'vscode-languageserver/node';
import { CancellationTokenSource, createProtocolConnection, InitializeRequest, ResponseError, ShutdownRequest, StreamMessageReader, StreamMessageWriter, type InitializeParams, type ProtocolConnection } from 'vscode-languageserver-protocol/node';
import { notifications, requests, type FailureData, type JobProgress } from '../../kernel/protocol.ts';
import { serve } from '../../kernel/server.ts';
import { filesBelow, inFolder, root } from '../cli/command.ts';

describe('both ends of the protocol, in memory', () => {
  let client: ProtocolConnection;
  beforeEach(async () => {
    const [up, down] = [new PassThrough(), new PassThrough()];
    serve(createConnection(up, down));
    client = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
    client.listen();
    await client.sendRequest(InitializeRequest.type, { processId: null, workspaceFolders: null, capabilities: {} } as unknown as InitializeParams);
  });
  afterEach(async () => {
    await client.sendRequest(ShutdownRequest.type);
    client.dispose();
  });

  it('every request that is declared is answered', async () => {
    const info = await client.sendRequest(requests.info);
    assert.deepEqual(info.models.map(({ name }) => name), ['difface', 'sample']);
    for (const type of Object.values(requests)) {
      if (type === requests.info) continue;
      await client.sendRequest(type.method, { view: 'none', path: '/nowhere.png', paths: ['/nowhere.png'], options: {}, job: 'j', device: 'cpu' }).catch((error: unknown) => {
        assert.ok(error instanceof ResponseError);
        assert.ok(['input', 'usage'].includes((error.data as FailureData | undefined)?.kind ?? ''), `${type.method}: ${error.message}`);
      });
    }
  });

  it('carries results, progress under the name of the job, failures with their kind, and cancellation', () => inFolder(async (folder) => {
    const path = join(folder, 'a.png');
    await copyFile(join(root, 'samples', 'portrait.png'), path);
    const told: JobProgress[] = [];
    client.onNotification(notifications.progress, (progress) => {
      told.push(progress);
    });
    const developed = await client.sendRequest(requests.develop, { path, options: { model: 'identity' }, job: 'one', device: 'cpu' });
    assert.equal(developed.faces, 2);
    assert.deepEqual([...new Set(told.map(({ job }) => job))], ['one']);

    const refused = client.sendRequest(requests.restore, { path, options: { model: 'sample', seed: -1 }, job: 'two', device: 'cpu' });
    await assert.rejects(refused, (error) => error instanceof ResponseError && (error.data as FailureData).kind === 'usage' && /seed/.test(error.message));

    const source = new CancellationTokenSource();
    source.cancel();
    const cancelled = client.sendRequest(requests.restore, { path, options: { model: 'sample' }, job: 'three', device: 'cpu' }, source.token);
    await assert.rejects(cancelled, (error) => error instanceof ResponseError && ((error.data as FailureData | undefined)?.kind === 'cancelled' || /cancel/i.test(error.message)));
    assert.deepEqual(await filesBelow(folder), ['a.png']);
  }));
});
