import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeRetinaFace, priorBoxes, retinaFaceInput, rowsOf, type RetinaFaceMaps, type RetinaFaceRows } from '../../../kernel/faces/retinaFace.ts';
import type { Face } from '../../../kernel/faces/face.ts';
import { readNpy, toTensor } from '../../../kernel/tensor/npy.ts';
import { largestDifference, within, type Comparison, type FixtureKind } from '../fixture.ts';
import { exists, picture } from '../fixtureFiles.ts';
import { openDetector, withCache } from '../network.ts';

/** RetinaFace: `<name>.pth` with its picture and what the network and the decoding made of it, and `post_*`, where the network's values are given. */
export const retinaface: FixtureKind = {
  name: 'retinaface',
  recognise: (files) => files.some((file) => file.endsWith('.landms.npy')) && files.some((file) => file.endsWith('.priors.npy')),
  compare: (folder) => withCache((cacheFolder) => compareAll(folder, cacheFolder)),
};

async function* compareAll(folder: string, cacheFolder: string): AsyncGenerator<Comparison> {
  for (const file of (await readdir(folder)).sort()) {
    const name = /^(.+)\.landms\.npy$/.exec(file)?.[1];
    if (name === undefined) continue;
    if (await exists(join(folder, `${name}.pth`))) yield* compareNetwork(join(folder, name), name, cacheFolder);
    else yield* compareDecoding(join(folder, name), name);
  }
}

async function* compareNetwork(stem: string, name: string, cacheFolder: string): AsyncGenerator<Comparison> {
  const config = JSON.parse(await readFile(`${stem}.config.json`, 'utf8')) as { network: string; det_conf_threshold: number };
  const deep = config.network.startsWith('resnet');
  const tolerance = deep ? { raw: 2e-3, box: 0.1 } : { raw: 5e-4, box: 5e-2 };
  const image = await picture(`${stem}.in.png`);
  const x = retinaFaceInput(image);
  yield within(`${name} input`, largestDifference(x.data, await values(`${stem}.x.npy`)), 0);
  const session = await openDetector(`${stem}.pth`, { precision: 'fp32', cacheFolder });
  const outputs = await session.run({ x });
  await session.release();
  const rows = rowsOf([0, 1, 2].map((level): RetinaFaceMaps => ({ scores: outputs[`scores${level}`]!, boxes: outputs[`boxes${level}`]!, landmarks: outputs[`landmarks${level}`]! })));
  yield within(`${name} boxes`, largestDifference(rows.boxes, await values(`${stem}.loc.npy`)), tolerance.raw);
  yield within(`${name} scores`, largestDifference(rows.scores, (await values(`${stem}.conf.npy`)).filter((_, i) => i % 2 === 1)), tolerance.raw);
  yield within(`${name} points`, largestDifference(rows.landmarks, await values(`${stem}.landms.npy`)), tolerance.raw);
  yield within(`${name} priors`, largestDifference(priorBoxes(image), await values(`${stem}.priors.npy`)), 1e-6);
  yield* compareFaces(name, decodeRetinaFace(rows, image, { score: config.det_conf_threshold, overlap: 0.4 }), await values(`${stem}.det.npy`), tolerance.box);
}

async function* compareDecoding(stem: string, name: string): AsyncGenerator<Comparison> {
  const { image_h: height, image_w: width, conf_threshold: score, nms_threshold: overlap } = JSON.parse(await readFile(`${stem}.json`, 'utf8')) as Record<'image_h' | 'image_w' | 'conf_threshold' | 'nms_threshold', number>;
  const rows: RetinaFaceRows = {
    scores: (await values(`${stem}.conf.npy`)).filter((_, i) => i % 2 === 1), boxes: await values(`${stem}.loc.npy`), landmarks: await values(`${stem}.landms.npy`),
  };
  yield within(`${name} priors`, largestDifference(priorBoxes({ width, height }), await values(`${stem}.priors.npy`)), 1e-6);
  yield* compareFaces(name, decodeRetinaFace(rows, { width, height }, { score, overlap }), await values(`${stem}.det.npy`), 1e-3);
}

/** @param expected rows of a box, a score and five points */
function* compareFaces(name: string, faces: readonly Face[], expected: Float32Array, tolerance: number): Generator<Comparison> {
  const rows = faces.map(({ box: { x, y, width, height }, score, landmarks }) => [x, y, x + width, y + height, score, ...landmarks.flatMap((point) => [point.x, point.y])]);
  const isScore = (_: number, i: number): boolean => i % 15 === 4;
  const isPlace = (_: number, i: number): boolean => i % 15 !== 4;
  yield within(`${name} faces`, largestDifference(rows.flat().filter(isPlace), expected.filter(isPlace)), tolerance, `${faces.length} faces, px`);
  yield within(`${name} face scores`, largestDifference(rows.flat().filter(isScore), expected.filter(isScore)), 1e-3);
}

async function values(path: string): Promise<Float32Array> {
  return toTensor(await readNpy(path)).data;
}
