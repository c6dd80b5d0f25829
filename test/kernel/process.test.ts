import { strict as assert } from 'node:assert';
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'mocha';
import { CancellationTokenSource, createProtocolConnection, InitializeRequest, IPCMessageReader, IPCMessageWriter, ResponseError, type InitializeParams, type ProtocolConnection } from 'vscode-languageserver-protocol/node';
import { notifications, requests, type FailureData, type JobProgress } from '../../kernel/protocol.ts';
import { filesBelow, inFolder, root } from '../cli/command.ts';

describe('the kernel process', () => {
  const cache = mkdtempSync(join(tmpdir(), 'difface-cache-'));
  let child: ChildProcess;
  let connection: ProtocolConnection;
  beforeEach(async () => {
    child = fork(join(root, 'dist', 'kernel.cjs'), ['--node-ipc'], { stdio: 'ignore', env: { ...process.env, DIFFACE_CACHE: cache } });
    connection = createProtocolConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    connection.listen();
    await connection.sendRequest(InitializeRequest.type, { processId: process.pid, workspaceFolders: null, capabilities: {} } as unknown as InitializeParams);
  });
  afterEach(() => {
    connection.dispose();
    child.kill('SIGKILL');
  });

  after(() => {
    rmSync(cache, { recursive: true, force: true });
  });

  it('says its version and model', async () => {
    const info = await connection.sendRequest(requests.info);
    assert.match(info.version, /^\d+\.\d+\.\d+$/);
    assert.equal(typeof info.model, 'string');
  });

  it('restores a picture, and tells of its progress under the name of the job', () => inFolder(async (folder) => {
    const progress: JobProgress[] = [];
    connection.onNotification(notifications.progress, (params) => {
      progress.push(params);
    });
    await copyFile(join(root, 'samples', 'portrait.png'), join(folder, 'a.png'));
    const result = await connection.sendRequest(requests.restore, { path: join(folder, 'a.png'), options: { model: 'sample', sampler: 'ddim', start: 4, steps: 4 }, job: 'first', device: 'cpu' });
    assert.equal(result.status, 'restored');
    assert.deepEqual(await filesBelow(folder), ['a.png', 'a.restored.png']);
    assert.ok(progress.every(({ job }) => job === 'first'));
    assert.deepEqual([...new Set(progress.map(({ progress: { stage } }) => stage))], ['detecting', 'found', 'preparing', 'restoring', 'writing']);
  }));

  it('answers a failure with its kind and a message for a person', async () => {
    await assert.rejects(connection.sendRequest(requests.restore, { path: '/nowhere.png', options: {}, job: 'x', device: 'cpu' }), (error) => {
      assert.ok(error instanceof ResponseError);
      assert.deepEqual(error.data as FailureData, { kind: 'input' });
      assert.match(error.message, /nowhere\.png does not exist/);
      return true;
    });
  });

  it('stops when it is asked to, and works again afterwards', () => inFolder(async (folder) => {
    const path = join(folder, 'a.png');
    await copyFile(join(root, 'samples', 'portrait.png'), path);
    const source = new CancellationTokenSource();
    connection.onNotification(notifications.progress, ({ progress }) => {
      if (progress.stage === 'restoring' && progress.step > 1) source.cancel();
    });
    await assert.rejects(connection.sendRequest(requests.restore, { path, options: { model: 'sample', sampler: 'ddim', start: 200, steps: 200 }, job: 'x', device: 'cpu' }, source.token), (error) => {
      assert.ok(error instanceof ResponseError);
      assert.deepEqual(error.data as FailureData, { kind: 'cancelled' });
      return true;
    });
    assert.deepEqual(await filesBelow(folder), ['a.png']);
    const again = await connection.sendRequest(requests.restore, { path, options: { model: 'identity' }, job: 'y', device: 'cpu' });
    assert.equal(again.status, 'restored');
  }));

  it('refuses options that are out of range, and names them', () => inFolder(async (folder) => {
    const path = join(folder, 'a.png');
    await copyFile(join(root, 'samples', 'portrait.png'), path);
    const wrong: readonly (readonly [options: object, message: RegExp])[] = [
      [{ seed: -1.5, eta: 9, start: 3, steps: 2 }, /'eta'|'seed'/],
      [{ seed: 2 ** 32 }, /'seed'.*0 to 4294967295/],
      [{ eta: '0.5' }, /'eta'.*0 to 1/],
      [{ strength: 1.1 }, /'strength'.*0 to 1/],
      [{ start: 0 }, /'start'.*1 to 1000/],
      [{ steps: 2.5 }, /'steps'.*1 to 1000/],
      [{ suffix: '../up' }, /'suffix'/],
      [{ faces: [0] }, /'faces'/],
      [{ sampler: 'euler' }, /'sampler'.*ddim, ddpm or dpm\+\+/],
      [{ sede: 5 }, /no option 'sede'/],
    ];
    for (const [options, message] of wrong) {
      for (const request of [requests.restore, requests.develop] as const) {
        await assert.rejects(connection.sendRequest(request.method, { path, options, job: 'x', device: 'cpu' }), (error) => {
          assert.ok(error instanceof ResponseError, JSON.stringify(options));
          assert.deepEqual(error.data as FailureData, { kind: 'usage' });
          assert.match(error.message, message);
          return true;
        });
      }
    }
    assert.deepEqual(await filesBelow(folder), ['a.png']);
  }));
});
