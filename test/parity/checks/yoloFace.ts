import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { facesInPicture, letterbox, predictions, suppressFinds, type YoloFaceMaps } from '../../../kernel/faces/yoloFace.ts';
import { readNpy, toTensor } from '../../../kernel/tensor/npy.ts';
import type { Tensor } from '../../../kernel/tensor/tensor.ts';
import { largestDifference, within, type Comparison, type FixtureKind } from '../fixture.ts';
import { exists, picture } from '../fixtureFiles.ts';
import { openDetector, withCache } from '../network.ts';

/** YOLOv5-face: a picture, and what became of it at every step; with weights, where they are there, the network too. */
export const yoloFace: FixtureKind = {
  name: 'yolov5-face',
  recognise: (files) => files.some((file) => file.endsWith('.nms.npy')) && files.some((file) => file.endsWith('.raw0.npy')),
  compare: (folder) => withCache((cacheFolder) => compareAll(folder, cacheFolder)),
};

async function* compareAll(folder: string, cacheFolder: string): AsyncGenerator<Comparison> {
  for (const file of (await readdir(folder)).sort()) {
    const name = /^(.+)\.nms\.npy$/.exec(file)?.[1];
    if (name !== undefined) yield* compareNetwork(join(folder, name), name, cacheFolder);
  }
}

async function* compareNetwork(stem: string, name: string, cacheFolder: string): AsyncGenerator<Comparison> {
  const read = async (what: string): Promise<Tensor> => toTensor(await readNpy(`${stem}.${what}.npy`));
  const image = await picture(`${stem}.in.png`);
  const [x, expected] = [letterbox(image), await read('x')];
  yield within(`${name} input`, x.shape.join() === expected.shape.join() ? largestDifference(x.data, expected.data) : Infinity, 1.01 / 255);
  const config = JSON.parse(await readFile(`${stem}.config.json`, 'utf8')) as { readonly anchors: readonly (readonly (readonly [number, number])[])[] };
  let maps: YoloFaceMaps = { levels: await recordedMaps(stem), anchors: { data: Float32Array.from(config.anchors.flat(2)), shape: [3, 3, 2] } };
  const recorded = (await read('pred')).data;
  yield within(`${name} decoding`, relativeDifference(predictions(maps), recorded), 1e-5);
  if (await exists(`${stem}.pth`)) {
    const session = await openDetector(`${stem}.pth`, { precision: 'fp32', cacheFolder });
    const outputs = await session.run({ x: expected });
    await session.release();
    yield within(`${name} anchors`, largestDifference(outputs['anchors']!.data, maps.anchors.data), 0);
    maps = { levels: [0, 1, 2].map((level) => outputs[`raw${level}`]!), anchors: outputs['anchors']! };
    for (const [level, map] of maps.levels.entries()) yield within(`${name} level ${level}`, relativeDifference(lastAxisValues(map), (await read(`raw${level}`)).data), 1e-3);
    // what the network says is in anchors: so is its rounding
    const sizes = maps.levels.flatMap(({ shape }, level) => [0, 1, 2].flatMap((anchor) => new Array<number>(16 * shape[2]! * shape[3]!).fill(maps.anchors.data[2 * (3 * level + anchor) + 1]!)));
    yield within(`${name} predictions`, relativeDifference(predictions(maps), recorded, sizes), 1e-3);
  }
  const found = suppressFinds(predictions(maps));
  yield within(`${name} finds`, largestDifference(found.flatMap(({ x1, y1, x2, y2, score, points }) => [x1, y1, x2, y2, score, ...points, 0]), (await read('nms')).data), 5e-2, `${found.length} faces, px`);
  const faces = facesInPicture(found, { width: expected.shape[3]!, height: expected.shape[2]! }, image);
  const detected = faces.flatMap(({ box, landmarks }) => [box.x, box.y, box.x + box.width, box.y + box.height, box.x, ...landmarks.flatMap((point) => [point.x, point.y])]);
  yield within(`${name} faces`, largestDifference(detected, (await read('det')).data), 1, `${faces.length} faces, px`);
}

/** (1, 3 16, h, w) -> (1, 3, h, w, 16). */
function lastAxisValues({ data, shape }: Tensor): Float32Array {
  const plane = shape[2]! * shape[3]!;
  return Float32Array.from(data, (_, i) => data[(16 * Math.floor(i / (16 * plane)) + (i % 16)) * plane + (Math.floor(i / 16) % plane)]!);
}

/** Recorded (1, 3, h, w, 16) as the network says it: (1, 48, h, w). */
async function recordedMaps(stem: string): Promise<readonly Tensor[]> {
  return Promise.all([0, 1, 2].map(async (level): Promise<Tensor> => {
    const { data, shape: [, , height, width] } = toTensor(await readNpy(`${stem}.raw${level}.npy`)) as Tensor & { readonly shape: readonly [number, number, number, number, number] };
    const plane = height * width;
    return { data: Float32Array.from(data, (_, i) => data[16 * (Math.floor(i / (16 * plane)) * plane + (i % plane)) + (Math.floor(i / plane) % 16)]!), shape: [1, 48, height, width] };
  }));
}

/** Relative to the values, or to `scales` where those are larger. */
function relativeDifference(actual: Float32Array, expected: Float32Array, scales?: readonly number[]): number {
  const scale = expected.map((value, i) => Math.max(1, Math.abs(value), scales?.[i] ?? 0));
  return largestDifference(actual.map((value, i) => value / scale[i]!), expected.map((value, i) => value / scale[i]!));
}
