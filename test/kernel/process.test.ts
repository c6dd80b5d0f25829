import { strict as assert } from 'node:assert';
import { fork, type ChildProcess } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { CancellationTokenSource, createProtocolConnection, InitializeRequest, IPCMessageReader, IPCMessageWriter, ResponseError, type InitializeParams, type ProtocolConnection } from 'vscode-languageserver-protocol/node';
import { notifications, requests, type FailureData, type RestoreProgressParams } from '../../kernel/protocol.ts';
import { filesBelow, inFolder, root } from '../cli/command.ts';

describe('the kernel process', () => {
  let child: ChildProcess;
  let connection: ProtocolConnection;
  beforeEach(async () => {
    child = fork(join(root, 'dist', 'kernel.cjs'), ['--node-ipc'], { stdio: 'ignore' });
    connection = createProtocolConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    connection.listen();
    await connection.sendRequest(InitializeRequest.type, { processId: process.pid, workspaceFolders: null, capabilities: {} } as unknown as InitializeParams);
  });
  afterEach(() => {
    connection.dispose();
    child.kill('SIGKILL');
  });

  it('says its version and model', async () => {
    const info = await connection.sendRequest(requests.info);
    assert.match(info.version, /^\d+\.\d+\.\d+$/);
    assert.equal(typeof info.model, 'string');
  });

  it('restores a picture, and tells of its progress under the name of the job', () => inFolder(async (folder) => {
    const progress: RestoreProgressParams[] = [];
    connection.onNotification(notifications.restoreProgress, (params) => {
      progress.push(params);
    });
    await copyFile(join(root, 'samples', 'portrait.png'), join(folder, 'a.png'));
    const result = await connection.sendRequest(requests.restore, { path: join(folder, 'a.png'), options: { model: 'sample', sampler: 'ddim', start: 4, steps: 4 }, job: 'first' });
    assert.equal(result.status, 'restored');
    assert.deepEqual(await filesBelow(folder), ['a.png', 'a.restored.png']);
    assert.ok(progress.every(({ job }) => job === 'first'));
    assert.deepEqual([...new Set(progress.map(({ progress: { stage } }) => stage))], ['detecting', 'found', 'preparing', 'restoring', 'writing']);
  }));

  it('answers a failure with its kind and a message for a person', async () => {
    await assert.rejects(connection.sendRequest(requests.restore, { path: '/nowhere.png', options: {}, job: 'x' }), (error) => {
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
    connection.onNotification(notifications.restoreProgress, ({ progress }) => {
      if (progress.stage === 'restoring' && progress.step > 1) source.cancel();
    });
    await assert.rejects(connection.sendRequest(requests.restore, { path, options: { model: 'sample', sampler: 'ddim', start: 200, steps: 200 }, job: 'x' }, source.token));
    assert.deepEqual(await filesBelow(folder), ['a.png']);
    const again = await connection.sendRequest(requests.restore, { path, options: { model: 'identity' }, job: 'y' });
    assert.equal(again.status, 'restored');
  }));
});
