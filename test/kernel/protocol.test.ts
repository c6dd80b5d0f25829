import { strict as assert } from 'node:assert';
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
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

  it('refuses parameters that do not fit, names the field, and lives on', async () => {
    const refused = (method: string, params: unknown, message: RegExp): Promise<void> => assert.rejects(client.sendRequest(method, params), (error) => {
      assert.ok(error instanceof ResponseError, `${method} ${JSON.stringify(params)}`);
      assert.deepEqual(error.data as FailureData | undefined, { kind: 'usage' }, `${method} ${JSON.stringify(params)}: ${error.message}`);
      assert.match(error.message, message);
      return true;
    });
    await client.sendRequest(requests.open, { view: 'v', path: join(root, 'samples', 'clip.mp4') });
    const frames = { view: 'v', from: 0, count: 1, width: 64, height: 36 };
    const file = { path: '/a.png', options: {}, job: 'j', device: 'cpu' };
    const walked = { view: 'v', options: {}, walk: { face: 1, frame: 0, turns: [] } };
    const wrong: readonly (readonly [keyof typeof requests, object, RegExp])[] = [
      ['frames', { ...frames, width: 64.5 }, /'width'.*whole number from 1 to 16384/],
      ['frames', { ...frames, height: 0 }, /'height'/],
      ['frames', { ...frames, width: 20_000 }, /'width'/],
      ['frames', { ...frames, count: 257 }, /'count'.*1 to 256/],
      ['frames', { ...frames, from: 'start' }, /'from'/],
      ['frames', { ...frames, restored: 'all' }, /'restored'/],
      ['thumbnail', { view: 'v', ticks: 0, width: 1.5, height: 1 }, /'width'/],
      ['sound', { view: 'v', from: 0, seconds: 0 }, /'seconds'/],
      ['develop', { ...file, range: { first: 3, last: 2 } }, /'range'.*after the last/],
      ['develop', { ...file, range: { first: -1, last: 2 } }, /'range\.first'/],
      ['restore', { ...file, path: 'a.png' }, /'path'.*absolute/],
      ['restore', { ...file, job: '' }, /'job'/],
      ['restore', { ...file, options: [] }, /'options'/],
      ['restore', { ...file, reuse: 'yes' }, /'reuse'.*true or false/],
      ['collect', { paths: '/a.png' }, /'paths'/],
      ['collect', { paths: ['a.png'] }, /'paths\.0'/],
      ['collect', { paths: ['/a.png'], suffix: '..' }, /'suffix'.*more than dots/],
      ['close', { view: 5 }, /'view'/],
      ['faceCrop', { view: 'v', number: 0 }, /'number'/],
      ['previews', { ...walked, walk: { face: 0, frame: 0, turns: [] } }, /'walk\.face'/],
      ['state', { ...walked, state: 'x_t', order: 0 }, /'state'/],
      ['state', { ...walked, state: 'xT', order: 1.5 }, /'order'/],
      ['walk', { ...walked, walk: { ...walked.walk, turns: [{ at: 1, sampler: 'euler', steps: 2, eta: 0, seed: 1 }] }, compute: true, job: 'j', device: 'cpu' }, /'walk\.turns\.0\.sampler'/],
      ['seedMap', { ...walked, seeds: 1, job: 'j', device: 'cpu' }, /'seeds'.*2 to 64/],
      ['exportWalk', { ...walked, formats: ['bmp'], wanted: '/a', job: 'j', device: 'cpu' }, /'formats\.0'/],
    ];
    for (const [name, params, message] of wrong) await refused(requests[name].method, params, message);
    for (const [name, { method }] of Object.entries(requests)) {
      if (name === 'info') continue;
      for (const params of [undefined, null, [], [1, 2]]) await refused(method, params, new RegExp(`'${name}' came without parameters`));
    }
    assert.equal((await client.sendRequest(requests.frames, frames)).frames.length, 1);
    await client.sendRequest(requests.close, { view: 'v' });
  });

  it('restores one file, and no folder', () => inFolder(async (folder) => {
    const refused = client.sendRequest(requests.restore, { path: folder, options: { model: 'identity' }, job: 'one', device: 'cpu' });
    await assert.rejects(refused, (error) => error instanceof ResponseError && (error.data as FailureData).kind === 'usage' && /is a folder/.test(error.message));
  }));

  it('takes a result that stands there where that is asked for', () => inFolder(async (folder) => {
    const path = join(folder, 'a.png');
    await copyFile(join(root, 'samples', 'portrait.png'), path);
    const restored = async (reuse?: boolean): Promise<readonly unknown[]> => {
      const result = await client.sendRequest(requests.restore, { path, options: { model: 'identity' }, job: 'one', device: 'cpu', ...(reuse === undefined ? {} : { reuse }) });
      assert.ok(result.status === 'restored');
      return [basename(result.output), result.before];
    };
    assert.deepEqual(await restored(true), ['a.restored.png', undefined]);
    assert.deepEqual(await restored(true), ['a.restored.png', true]);
    assert.deepEqual(await restored(false), ['a.restored-2.png', undefined]);
    assert.deepEqual(await restored(), ['a.restored-3.png', undefined]);
  }));

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
