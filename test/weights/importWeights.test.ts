import { strict as assert } from 'node:assert';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { FileWork } from '../../kernel/weights/fileWork.ts';
import { importFiles } from '../../kernel/weights/importFiles.ts';
import { stateOf } from '../../kernel/weights/installed.ts';
import { layoutOf } from '../../kernel/weights/layout.ts';
import { officialFiles, type OfficialFile } from '../../kernel/weights/officialFiles.ts';
import { inFolder } from '../cli/command.ts';
import { officialTensors, type OfficialNetwork } from '../models/officialKeys.ts';
import { writeRandomCheckpoint } from '../models/randomCheckpoint.ts';
import { failure, smallWeights } from './smallWeights.ts';

const networks: Readonly<Record<string, OfficialNetwork>> = {
  denoiser: 'unet512', backbone: 'swinir512', retinaface: 'retinaface_resnet50', parsenet: 'parsenet', realesrgan: 'rrdbnet_x2', 'retinaface-mobilenet': 'retinaface_mobilenet025',
  'yolov5l-face': 'yolov5l_face', 'yolov5n-face': 'yolov5n_face', 'inpainting-denoiser': 'unet256', 'inpainting-backbone': 'lama256',
};
const entryOf = (id: string): OfficialFile => officialFiles.find((file) => file.id === id)!;

describe('importing weights', () => {
  let source: string;
  before('two official files with random values', async () => {
    source = await mkdtemp(join(tmpdir(), 'difface-official-'));
    await writeRandomCheckpoint(join(source, 'detection_mobilenet0.25_Final.pth'), await officialTensors('retinaface_mobilenet025'));
    await writeRandomCheckpoint(join(source, 'yolov5n-face.pth'), await officialTensors('yolov5n_face'));
  });
  after(() => rm(source, { recursive: true, force: true }));
  const mobilenet = (): string => join(source, 'detection_mobilenet0.25_Final.pth');
  const yolo = (): string => join(source, 'yolov5n-face.pth');
  const options = (folder: string): FileWork => ({ folder, signal: new AbortController().signal, onProgress: () => undefined });

  it('every entry of the catalog has the layout that the reference demands of its file', async () => {
    assert.deepEqual(Object.keys(networks).sort(), officialFiles.map(({ id }) => id).sort());
    for (const file of officialFiles) {
      const tensors = await officialTensors(networks[file.id]!);
      assert.deepEqual(layoutOf(new Map(tensors.map(({ key, shape, dtype }) => [key, { shape, dtype }]))), file.layout, file.file);
    }
  });

  it('a file is known by its contents, whatever it is called', () => inFolder(async (folder) => {
    const odd = join(folder, 'from a colleague.bin');
    await copyFile(mobilenet(), odd);
    const { imported } = await importFiles([odd], options(join(folder, 'weights')));
    assert.deepEqual(imported.map(({ file }) => file.id), ['retinaface-mobilenet']);
    assert.deepEqual((await readdir(join(folder, 'weights'))).sort(), ['detection_mobilenet0.25_Final.pth', 'detection_mobilenet0.25_Final.pth.json']);
    assert.ok((await readFile(odd)).equals(await readFile(join(folder, 'weights', 'detection_mobilenet0.25_Final.pth'))));
    assert.deepEqual(await stateOf(entryOf('retinaface-mobilenet'), join(folder, 'weights')).then(({ kind }) => kind), 'present');
  }));

  it('a folder is searched, and what does not belong is named with the reason', () => inFolder(async (folder) => {
    const given = join(folder, 'given');
    await mkdir(join(given, 'weights', 'facelib'), { recursive: true });
    await copyFile(mobilenet(), join(given, 'weights', 'facelib', 'detection_mobilenet0.25_Final.pth'));
    await copyFile(mobilenet(), join(given, 'weights', 'a-copy.pth'));
    await copyFile(yolo(), join(given, 'YOLO.PTH'));
    await writeFile(join(given, 'parsing_parsenet.pth'), '<!DOCTYPE html><html>');
    await writeFile(join(given, 'readme.txt'), 'no weights');
    const { imported, skipped } = await importFiles([given], options(join(folder, 'installed')));
    assert.deepEqual(imported.map(({ file }) => file.id).sort(), ['retinaface-mobilenet', 'yolov5n-face']);
    assert.match(imported.find(({ file }) => file.id === 'retinaface-mobilenet')!.from, /facelib/);
    assert.deepEqual(skipped.map(({ path, why }) => [path.slice(given.length + 1), /web page/.test(why) || /again/.test(why)]).sort(), [['parsing_parsenet.pth', true], [join('weights', 'a-copy.pth'), true]]);
  }));

  it('several files and folders: each that can be is imported, and what is named and cannot be is told', () => inFolder(async (folder) => {
    const [given, picture, empty, nowhere] = [join(folder, 'given'), join(folder, 'picture.pth'), join(folder, 'empty'), join(folder, 'nowhere.pth')];
    await mkdir(given);
    await mkdir(empty);
    await copyFile(mobilenet(), join(given, 'copy.pth'));
    await copyFile(yolo(), join(given, 'yolov5n-face.pth'));
    await writeFile(picture, 'no checkpoint');
    const told: string[] = [];
    const { imported, skipped, failed } = await importFiles([picture, given, mobilenet(), nowhere, mobilenet(), empty], options(join(folder, 'installed')), (path) => told.push(path));
    assert.deepEqual(imported.map(({ from }) => from), [mobilenet(), join(given, 'yolov5n-face.pth')], 'a file that was named comes before those of folders');
    assert.deepEqual(skipped.map(({ path }) => path), [join(given, 'copy.pth')]);
    assert.match(skipped[0]!.why, /holds RetinaFace, MobileNet 0\.25 again/);
    assert.deepEqual(failed.map(({ path, why }) => [path, /not a PyTorch checkpoint|does not exist|holds no weights/.test(why)]), [[nowhere, true], [empty, true], [picture, true]]);
    assert.deepEqual(told, [nowhere, empty, picture]);
    await writeFile(join(folder, 'file'), '');
    await assert.rejects(importFiles([mobilenet(), yolo()], options(join(folder, 'file'))), failure('weights', /is a file, where a folder is needed/));
  }));

  it('of a folder the others are imported where one has no place, and alone it is refused', () => inFolder(async (folder) => {
    const [given, installed] = [join(folder, 'given'), join(folder, 'installed')];
    await mkdir(given);
    await copyFile(yolo(), join(given, 'a.pth'));
    await mkdir(join(installed, 'yolov5n-face.pth.json'), { recursive: true });
    await assert.rejects(importFiles([given], options(installed)), failure('weights', /yolov5n-face\.pth\.json is a folder/));
    await copyFile(mobilenet(), join(given, 'b.pth'));
    const { imported, failed } = await importFiles([given], options(installed));
    assert.deepEqual([imported.map(({ file }) => file.id), failed.map(({ path }) => path)], [['retinaface-mobilenet'], [join(given, 'a.pth')]]);
  }));

  it('what is damaged, something else, or not there is refused and nothing is written', () => inFolder(async (folder) => {
    const content = await readFile(mobilenet());
    const cut = join(folder, 'detection_mobilenet0.25_Final.pth');
    await writeFile(cut, content.subarray(0, content.length / 2));
    await assert.rejects(importFiles([cut], options(join(folder, 'w'))), failure('checkpoint', /mobilenet0\.25_Final\.pth is not .* cut short/));
    const text = join(folder, 'notes.pth');
    await writeFile(text, 'Weights: see the shared drive, folder “models”.\n');
    await assert.rejects(importFiles([text], options(join(folder, 'w'))), failure('checkpoint', /notes\.pth is not a PyTorch checkpoint.* it is a text file/));
    const flipped = join(folder, 'flipped.pth');
    const bytes = Buffer.from(content);
    bytes[900_001]! ^= 4;
    await writeFile(flipped, bytes);
    await assert.rejects(importFiles([flipped], options(join(folder, 'w'))), failure('checkpoint', /flipped\.pth is damaged/));
    const other = join(folder, 'swinir_restoration512_L1.pth');
    await copyFile(yolo(), other);
    assert.equal((await importFiles([other], options(join(folder, 'w')))).imported[0]!.file.id, 'yolov5n-face');
    const { content: small } = await smallWeights(folder);
    await writeFile(other, small);
    await assert.rejects(importFiles([other], options(join(folder, 'w'))), failure('checkpoint', /is not swinir_restoration512_L1\.pth/, /660 tensors/));
    await assert.rejects(importFiles([join(folder, 'nowhere')], options(join(folder, 'w'))), failure('input', /nowhere cannot be opened/));
    await mkdir(join(folder, 'empty'));
    await assert.rejects(importFiles([join(folder, 'empty')], options(join(folder, 'w'))), failure('input', /holds no weights/));
    assert.deepEqual((await readdir(join(folder, 'w'))).sort(), ['yolov5n-face.pth', 'yolov5n-face.pth.json']);
  }));

  it('of a file that is nearly an official one every key that differs is named, whatever it is called', () => inFolder(async (folder) => {
    for (const [network, name] of [['parsenet', 'parsing_parsenet.pth'], ['rrdbnet_x2', 'upsampler.pth'], ['yolov5n_face', 'yolov5n-face.pth'], ['retinaface_mobilenet025', 'a.bin']] as const) {
      const tensors = await officialTensors(network);
      const missing = tensors.filter(({ key, buffer }) => !buffer && key.endsWith('.weight')).at(7)!;
      const path = join(folder, name);
      await writeRandomCheckpoint(path, tensors.filter((tensor) => tensor !== missing));
      await assert.rejects(importFiles([path], options(join(folder, 'w'))), failure('checkpoint', new RegExp(`is not \\S+\\.pth: .* 1 missing: ${missing.key.replaceAll('.', '\\.')}\\.`)));
      await rm(path);
    }
  }));

  it('a file of the right shape that is not the published one is taken, and that is said', () => inFolder(async (folder) => {
    const path = join(folder, 'parse.pth');
    await writeRandomCheckpoint(path, await officialTensors('parsenet'));
    const { imported } = await importFiles([path], options(join(folder, 'w')));
    assert.equal(imported[0]!.record.published, 'other');
  }));

  it('an import that is cancelled leaves nothing', () => inFolder(async (folder) => {
    const controller = new AbortController();
    const importing = importFiles([yolo()], { folder, signal: controller.signal, onProgress: () => { controller.abort(); } });
    await assert.rejects(importing, failure('cancelled', /yolov5n-face\.pth was cancelled/));
    assert.deepEqual(await readdir(folder), []);
  }));
});
