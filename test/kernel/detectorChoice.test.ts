import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Face } from '../../kernel/faces/face.ts';
import { faceTemplate } from '../../kernel/faces/similarity.ts';
import { KernelFailure } from '../../kernel/failure.ts';
import { readPicture } from '../../kernel/media/image.ts';
import { FaceDetector, type FaceFinder } from '../../kernel/pipeline/faceDetector.ts';
import { facesOnce } from '../../kernel/pipeline/foundFaces.ts';
import { planOf } from '../../kernel/pipeline/plan.ts';
import { facesToRestore } from '../../kernel/pipeline/chosenFaces.ts';
import { chosenDetector, detectorSummaries } from '../../kernel/weights/detectors.ts';
import { officialTensors } from '../models/officialKeys.ts';
import { writeRandomCheckpoint } from '../models/randomCheckpoint.ts';
import { difface, inFolder, root } from '../cli/command.ts';

const small = join(root, 'test', 'parity', 'fixtures', 'detectors-small');
const portrait = join(root, 'samples', 'portrait.png');
const never = new AbortController().signal;

describe('the choice of a face detector', () => {
  let folder: string;
  const before = { weights: process.env['DIFFACE_WEIGHTS'], cache: process.env['DIFFACE_CACHE'] };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'difface-choice-'));
    process.env['DIFFACE_WEIGHTS'] = join(folder, 'weights');
    process.env['DIFFACE_CACHE'] = join(folder, 'cache');
    await mkdir(join(folder, 'weights'));
  });
  afterEach(() => {
    if (before.weights === undefined) delete process.env['DIFFACE_WEIGHTS'];
    else process.env['DIFFACE_WEIGHTS'] = before.weights;
    if (before.cache === undefined) delete process.env['DIFFACE_CACHE'];
    else process.env['DIFFACE_CACHE'] = before.cache;
    rmSync(folder, { recursive: true, force: true });
  });

  const install = (name: string, as: string): Promise<void> => copyFile(join(small, name), join(folder, 'weights', as));

  it('auto takes RetinaFace once it is installed', async () => {
    assert.equal(chosenDetector(), 'builtin');
    assert.deepEqual(detectorSummaries().filter(({ installed }) => installed).map(({ name }) => name), ['auto', 'builtin']);
    await install('resnet.pth', 'detection_Resnet50_Final.pth');
    assert.equal(chosenDetector('auto'), 'auto');
    assert.equal((await planOf({ model: 'identity' })).detector, 'auto');
    assert.equal(chosenDetector('retinaface'), 'retinaface');
    assert.equal(chosenDetector('builtin'), 'builtin');
  });

  it('one that is not installed is refused before anything is done, with its file and how to install it', async () => {
    await assert.rejects(planOf({ model: 'identity', detector: 'yolov5l' }), (error) => error instanceof KernelFailure && error.kind === 'weights' && /yolov5l-face\.pth.*difface weights install yolov5l/.test(error.message));
    await inFolder(async (output) => {
      const { code, stderr } = await difface(['restore', portrait, '--model', 'identity', '--detector', 'retinaface', '-o', output]);
      assert.equal(code, 1);
      assert.match(stderr, /detection_Resnet50_Final\.pth is missing/);
      assert.deepEqual(await readdir(output), []);
    });
  });

  for (const [name, weights, as] of [['retinaface', 'resnet.pth', 'detection_Resnet50_Final.pth'], ['retinaface-mobilenet', 'mobilenet.pth', 'detection_mobilenet0.25_Final.pth'], ['yolov5n', 'yolo-n.pth', 'yolov5n-face.pth'], ['yolov5l', 'yolo-l.pth', 'yolov5l-face.pth']] as const) {
    it(`${name} runs from its weights and looks at pictures of several sizes`, async () => {
      await install(weights, as);
      const detector = new FaceDetector({ background: false, threads: 1 });
      try {
        for (const [width, height] of [[90, 70], [400, 300]] as const) {
          const image = { width, height, data: Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 7919) % 251) };
          const found = await detector.finder(name).detect(image, {});
          assert.deepEqual(await detector.finder(name).detect(image, {}), found, 'the same picture has the same faces');
          for (const { score, landmarks } of found) assert.ok(score > 0.7 && landmarks.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)));
        }
      } finally {
        detector.dispose();
      }
    });
  }

  it('auto asks the built-in one where RetinaFace finds no face', async () => {
    const undecided = (await officialTensors('retinaface_mobilenet025')).map((spec) => (spec.key.startsWith('ClassHead') ? { ...spec, range: { centre: 0, spread: 0 } } : spec));
    await writeRandomCheckpoint(join(folder, 'weights', 'detection_Resnet50_Final.pth'), undecided);
    const detector = new FaceDetector({ background: false, threads: 1 });
    try {
      const { view } = await readPicture(portrait);
      assert.deepEqual(await detector.finder('retinaface').detect(view, {}), []);
      assert.deepEqual(await detector.finder('auto').detect(view, {}), await detector.finder('builtin').detect(view, {}));
    } finally {
      detector.dispose();
    }
  });

  it('a damaged file says so, and a mended one works without a restart', async () => {
    const path = join(folder, 'weights', 'yolov5n-face.pth');
    await writeFile(path, 'no weights');
    const detector = new FaceDetector({ background: false, threads: 1 });
    try {
      const image = { width: 64, height: 64, data: new Uint8Array(3 * 64 * 64) };
      await assert.rejects(detector.finder('yolov5n').detect(image, {}), (error) => error instanceof KernelFailure && error.kind === 'weights' && error.message.includes(path) && /install yolov5n-face' repairs it/.test(error.message));
      await install('yolo-n.pth', 'yolov5n-face.pth');
      await detector.finder('yolov5n').detect(image, {});
    } finally {
      detector.dispose();
    }
  });

  it('faces are remembered for the detector that found them, and its weights', async () => {
    await install('mobilenet.pth', 'detection_mobilenet0.25_Final.pth');
    const face: Face = { box: { x: 1, y: 2, width: 3, height: 4 }, score: 0.9, landmarks: faceTemplate(100) };
    let searches = 0;
    const look = (detector: 'builtin' | 'retinaface-mobilenet'): Promise<readonly Face[]> => facesOnce(portrait, detector, () => {
      searches++;
      return Promise.resolve([face]);
    });
    for (const detector of ['builtin', 'builtin', 'retinaface-mobilenet', 'retinaface-mobilenet'] as const) await look(detector);
    assert.equal(searches, 2);
    await rm(join(folder, 'weights', 'detection_mobilenet0.25_Final.pth'));
    await install('resnet.pth', 'detection_mobilenet0.25_Final.pth');
    await look('retinaface-mobilenet');
    assert.equal(searches, 3, 'other weights find other faces');
  });

  it('faces that hold too little are left as they are, said, and restored where they are named', async () => {
    const { view } = await readPicture(portrait);
    const at = (x: number, size: number, narrow = 1): Face => ({
      box: { x, y: 10, width: size, height: size }, score: 0.9, landmarks: faceTemplate(size).map((point) => ({ x: x + point.x * narrow, y: 10 + point.y })) as unknown as Face['landmarks'],
    });
    const finder: FaceFinder & { readonly faceSize: number } = { detector: 'builtin', faceSize: 128, detect: () => Promise.resolve([at(0, 100), at(120, 4), at(200, 100, 0.3), at(320, 90)]) };
    const chosen = async (choice: 'all' | 'largest' | readonly number[]) => facesToRestore(portrait, view, choice, finder, never);
    const all = await chosen('all');
    assert.deepEqual(all.faces.map(({ number }) => number), [1, 4]);
    assert.deepEqual([all.notes.length, all.notes.some((note) => note.startsWith('face 2 ')), all.notes.some((note) => note.startsWith('face 3 '))], [2, true, true]);
    assert.deepEqual((await chosen('largest')).faces.map(({ number }) => number), [1]);
    const named = await chosen([2, 3]);
    assert.deepEqual([named.faces.map(({ number }) => number), named.notes], [[2, 3], []]);
  });
});
