import { strict as assert } from 'node:assert';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { before, describe, it } from 'mocha';
import { host } from '../../kernel/temporaries.ts';
import { officialTensors } from '../models/officialKeys.ts';
import { writeRandomCheckpoint } from '../models/randomCheckpoint.ts';
import { sendFile, serversOfATest } from '../weights/weightServer.ts';
import { difface, filesBelow, inFolder } from './command.ts';
import { killedWhen } from './killed.ts';

const small = 'yolov5n-face.pth';
const large = 'swinir_restoration512_L1.pth';

interface Listed {
  readonly bytes: number;
  readonly convertedBytes: number;
}

describe('difface weights, killed', function () {
  this.timeout(120_000);
  const serve = serversOfATest();
  const contents = new Map<string, Buffer>();
  before('official files with random values', () => inFolder(async (folder) => {
    for (const [name, network] of [[small, 'yolov5n_face'], [large, 'swinir512']] as const) {
      await writeRandomCheckpoint(join(folder, name), await officialTensors(network));
      contents.set(name, await readFile(join(folder, name)));
    }
  }));
  const environment = (folder: string, mirror = ''): NodeJS.ProcessEnv => ({ DIFFACE_WEIGHTS: join(folder, 'weights'), DIFFACE_CACHE: join(folder, 'cache'), DIFFACE_WEIGHTS_MIRROR: mirror });
  const list = async (env: NodeJS.ProcessEnv): Promise<Listed> => JSON.parse((await difface(['weights', 'list', '--json'], { env })).stdout) as Listed;
  const sizeOf = async (folder: string): Promise<number> => {
    const sizes = await Promise.all((await readdir(folder, { recursive: true, withFileTypes: true })).map(async (entry) => (entry.isFile() && entry.name !== 'licences.json' ? (await stat(join(entry.parentPath, entry.name))).size : 0)));
    return sizes.reduce((sum, size) => sum + size, 0);
  };

  it('in a download: what was fetched is kept and counted, and gone on with', () => inFolder(async (folder) => {
    const content = contents.get(small)!;
    const server = await serve((request, response, attempt) => { sendFile(content, request, response, attempt === 1 ? { pace: { bytes: 200_000, milliseconds: 50 } } : {}); });
    const [env, weights] = [environment(folder, server.address), join(folder, 'weights')];
    await killedWhen(['weights', 'install', 'yolov5n-face', '--accept-licence'], env, weights, (name) => name === `${small}.part`);
    const { bytes } = await list(env);
    assert.deepEqual((await filesBelow(weights)).filter((name) => name !== 'licences.json'), [`${small}.part`, `${small}.part.json`]);
    assert.equal(bytes, await sizeOf(weights));
    const again = await difface(['weights', 'install', 'yolov5n-face'], { env });
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(await filesBelow(weights), ['licences.json', small, `${small}.json`].sort());
  }));

  it('in a download from a server that names no version: nothing of it is of use', () => inFolder(async (folder) => {
    const server = await serve((request, response, attempt) => { sendFile(contents.get(small)!, request, response, { etag: null, ...(attempt === 1 ? { pace: { bytes: 200_000, milliseconds: 50 } } : {}) }); });
    const [env, weights] = [environment(folder, server.address), join(folder, 'weights')];
    await killedWhen(['weights', 'install', 'yolov5n-face', '--accept-licence'], env, weights, (name) => name === `${small}.part`);
    assert.equal((await list(env)).bytes, 0);
    assert.deepEqual(await filesBelow(weights), ['licences.json']);
  }));

  it('in an import and in the conversion after it: the copies are cleared, and the same command ends whole', () => inFolder(async (folder) => {
    const [env, weights, models] = [environment(folder), join(folder, 'weights'), join(folder, 'cache', 'models')];
    const source = join(folder, large);
    await writeFile(source, contents.get(large)!);
    const copy = (name: string): boolean => name.startsWith(`${large}.`) && name.endsWith('.part');
    await killedWhen(['weights', 'import', source], env, weights, copy);
    assert.equal((await list(env)).bytes, 0);
    assert.deepEqual(await filesBelow(weights), []);

    await killedWhen(['weights', 'import', source], env, models, (name) => name.endsWith('.part'));
    await list(env);
    assert.deepEqual(await readdir(models), []);
    assert.deepEqual(await filesBelow(weights), [large, `${large}.json`]);

    await killedWhen(['weights', 'import', source], env, weights, copy);
    const whole = await difface(['weights', 'import', source], { env });
    assert.equal(whole.code, 0, whole.stderr);
    assert.deepEqual(await filesBelow(weights), [large, `${large}.json`]);
    assert.deepEqual(await filesBelow(models), ['complete.json', 'model.onnx', 'weights.bin']);
    const { bytes, convertedBytes } = await list(env);
    assert.deepEqual([bytes, convertedBytes], [await sizeOf(weights), await sizeOf(models)]);
  }));

  it('what a living process works on stays, and so do files of other people', () => inFolder(async (folder) => {
    const [env, weights] = [environment(folder), join(folder, 'weights')];
    const source = join(folder, large);
    await writeFile(source, contents.get(large)!);
    await mkdir(weights);
    await writeFile(join(weights, 'mine.pth.part'), 'of a browser');
    const importing = difface(['weights', 'import', source], { env });
    while (!(await readdir(weights)).some((name) => name.startsWith(`${large}.`) && name.endsWith('.part'))) await sleep(2);
    for (let looks = 0; looks < 3; looks++) await list(env);
    const { code, stderr } = await importing;
    assert.equal(code, 0, stderr);
    // somebody else's hold on a file is theirs as long as they live
    const lock = join(weights, `${small}.lock`);
    await writeFile(lock, JSON.stringify({ token: 'x', pid: process.pid, host }));
    await list(env);
    assert.deepEqual(await filesBelow(weights), [large, `${large}.json`, `${small}.lock`, 'mine.pth.part'].sort());
  }));
});
