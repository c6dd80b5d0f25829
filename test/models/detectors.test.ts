import { strict as assert } from 'node:assert';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { KernelFailure } from '../../kernel/failure.ts';
import { anySize, prepareRecognised } from '../../kernel/inference/modelStore.ts';
import { openSession } from '../../kernel/inference/session.ts';
import { checkFit } from '../../kernel/models/fit.ts';
import { createNetwork, parseNetwork } from '../../kernel/models/network.ts';
import { recognise } from '../../kernel/models/recognise.ts';
import { officialTensors } from './officialKeys.ts';
import { writeRandomCheckpoint } from './randomCheckpoint.ts';

const small = join(import.meta.dirname, '..', 'parity', 'fixtures', 'detectors-small');

describe('face detectors', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'difface-detectors-'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const [name, architecture, variant] of [
    ['retinaface_resnet50', 'retinaface', 'ResNet-50'], ['retinaface_mobilenet025', 'retinaface', 'MobileNet-0.25'], ['yolov5l_face', 'yolov5-face', 'l'], ['yolov5n_face', 'yolov5-face', 'n'],
  ] as const) {
    it(`${name}: the official file is recognised and fits, every key and shape`, async () => {
      const tensors = await officialTensors(name);
      const entries = new Map(tensors.map((spec) => [spec.key, spec]));
      const found = recognise(entries);
      assert.ok(found.architecture === architecture && found.variant === variant);
      const network = createNetwork(parseNetwork(architecture, found.params));
      checkFit(name, network, 'face detector', entries);
      const ignored = /num_batches_tracked$|\.anchors$/;
      assert.deepEqual([...network.parameters()].map(({ key }) => key).sort(), [...entries.keys()].filter((key) => !ignored.test(key)).sort());
      const wrong = new Map([...entries].filter(([key]) => !key.includes('running_var')));
      assert.throws(() => { checkFit(name, network, 'face detector', wrong); }, (error) => error instanceof KernelFailure && /missing: .*running_var/.test(error.message));
    });
  }

  it('one converted model takes pictures of any size', async () => {
    const path = join(folder, 'mobilenet.pth');
    await writeRandomCheckpoint(path, await officialTensors('retinaface_mobilenet025'), 4);
    const model = await prepareRecognised(path, 'retinaface', { ...anySize, cacheFolder: folder });
    assert.equal(await prepareRecognised(path, 'retinaface', { ...anySize, cacheFolder: folder }), model);
    const session = await openSession(model, { provider: 'cpu', threads: 1 });
    for (const [height, width] of [[64, 64], [33, 130], [1, 1], [257, 90]] as const) {
      const maps = await session.run({ x: { data: new Float32Array(3 * height * width), shape: [1, 3, height, width] } });
      for (const [level, stride] of [8, 16, 32].entries()) assert.deepEqual(maps[`landmarks${level}`]!.shape, [1, 20, Math.ceil(height / stride), Math.ceil(width / stride)]);
    }
    await session.release();
  });

  it('a file with another network is refused by what it holds', async () => {
    const path = join(folder, 'other.pth');
    await copyFile(join(small, 'yolo-n.pth'), path);
    await assert.rejects(prepareRecognised(path, 'retinaface', { ...anySize, cacheFolder: folder }), (error) => error instanceof KernelFailure && error.kind === 'checkpoint' && /other\.pth holds no face detector \(RetinaFace\), but .*yolov5-face/.test(error.message));
  });
});
