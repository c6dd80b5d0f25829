import { strict as assert } from 'node:assert';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { convertedModels, removeDamagedConverted } from '../../kernel/inference/convertedModels.ts';
import { anySize, contentHash, prepareModel, prepareRecognised } from '../../kernel/inference/modelStore.ts';
import { openStateDict } from '../../kernel/checkpoint/stateDict.ts';
import { parseNetwork } from '../../kernel/models/network.ts';
import { recognise } from '../../kernel/models/recognise.ts';
import { root } from '../cli/command.ts';

const checkpoint = join(root, 'test', 'parity', 'fixtures', 'parsenet', 'parsenet.pth');

describe('a converted model', () => {
  let cacheFolder: string;
  beforeEach(async () => {
    cacheFolder = await mkdtemp(join(tmpdir(), 'difface-converted-'));
  });
  afterEach(() => rm(cacheFolder, { recursive: true, force: true }));

  const prepared = (): Promise<string> => prepareRecognised(checkpoint, 'parsenet', { ...anySize, height: 64, width: 64, cacheFolder });
  const weightsOf = (model: string): string => join(dirname(model), 'weights.bin');
  const zeroed = async (path: string): Promise<void> => {
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(0, 0, 1000));
  };

  for (const file of ['weights.bin', 'model.onnx']) {
    it(`is made again where its ${file} is damaged with its size as it was`, async () => {
      const path = join(dirname(await prepared()), file);
      const before = await readFile(path);
      await zeroed(path);
      await prepared();
      assert.ok(before.equals(await readFile(path)));
    });
  }

  it('is read again, and not made again, where its time alone changed', async () => {
    const path = weightsOf(await prepared());
    const { ino } = await stat(path);
    await utimes(path, 1e9, 1e9);
    const remembered = await readFile(join(dirname(path), 'complete.json'), 'utf8');
    await prepared();
    assert.equal((await stat(path)).ino, ino);
    assert.notEqual(await readFile(join(dirname(path), 'complete.json'), 'utf8'), remembered);
    assert.deepEqual((await readdir(dirname(path))).sort(), ['complete.json', 'model.onnx', 'weights.bin']);
  });

  it('that is damaged with size and time as they were is found by reading it, and taken away', async () => {
    const path = weightsOf(await prepared());
    const sum = await contentHash(checkpoint, cacheFolder);
    assert.equal(await removeDamagedConverted(cacheFolder, sum), 0);
    const { atime, mtime } = await stat(path);
    await zeroed(path);
    await utimes(path, atime, mtime);
    assert.equal(await removeDamagedConverted(cacheFolder, sum), 1);
    assert.deepEqual(await convertedModels(cacheFolder), []);
  });

  it('of another batch shares its weights, and is made again with them', async () => {
    const dict = await openStateDict(checkpoint);
    const found = recognise(dict.entries);
    await dict.close();
    assert.ok('params' in found && 'variant' in found);
    const both = (): Promise<string> => prepareModel({ checkpoint, network: parseNetwork(found.architecture, found.params), batch: 2, height: 64, width: 64, precision: 'fp32', cacheFolder });
    const path = weightsOf(await both());
    const before = await readFile(path);
    assert.equal((await convertedModels(cacheFolder)).length, 2);
    await zeroed(path);
    await both();
    assert.ok(before.equals(await readFile(path)));
  });
});
