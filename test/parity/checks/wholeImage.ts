import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { alignment, cropFace, matrixOf } from '../../../kernel/faces/align.ts';
import { enlargePicture } from '../../../kernel/faces/enlarge.ts';
import { eyeDistanceAsReference, type Landmarks } from '../../../kernel/faces/face.ts';
import { parsedSide } from '../../../kernel/faces/mask.ts';
import { parseFace } from '../../../kernel/faces/parsing.ts';
import { inverseMatrix, pasteFace } from '../../../kernel/faces/paste.ts';
import { enlargeSmall, resizeLanczos4, resizeLinear } from '../../../kernel/faces/resize.ts';
import { restoreCrops } from '../../../kernel/inference/restore.ts';
import { openSession, type Session } from '../../../kernel/inference/session.ts';
import { prepareRecognised } from '../../../kernel/inference/modelStore.ts';
import { rgbToTensor, stack, tensorToRgb } from '../../../kernel/tensor/imageTensor.ts';
import { readNpy, toTensor } from '../../../kernel/tensor/npy.ts';
import type { RgbImage } from '../../../kernel/tensor/rgbImage.ts';
import { largestDifference, within, type Comparison, type FixtureKind } from '../fixture.ts';
import { exists, picture } from '../fixtureFiles.ts';
import { openNetwork, withCache } from '../network.ts';

interface Recorded {
  readonly landmarks_kept: readonly (readonly (readonly [number, number])[])[];
  readonly affine: readonly (readonly (readonly number[])[])[];
  readonly inverse_affine_used: readonly (readonly (readonly number[])[])[];
  /** Paths from the folder; the parameters lie beside each as `<name>.config.json`. */
  readonly unet: string;
  readonly swinir: string;
  readonly diffusion: { readonly respacing: string; readonly start_timesteps: number; readonly eta: number };
  readonly face_size: number;
  readonly upscale: number;
  readonly eye_dist_threshold: number;
  /** Shorter side of what the detector sees, at least. */
  readonly resize: number;
  readonly tile: number;
  readonly tile_pad: number;
}

/** A whole picture from its file to the result, with recorded detections and every random draw recorded. */
export const wholeImage: FixtureKind = {
  name: 'e2e-whole',
  recognise: (files) => ['e2e.json', 'input.png', 'detections_on_det_input.npy', 'noise.npy', 'parsenet.pth'].every((file) => files.includes(file)),
  compare: (folder) => withCache((cacheFolder) => compareWhole(folder, cacheFolder)),
};

async function* compareWhole(folder: string, cacheFolder: string): AsyncGenerator<Comparison> {
  const recorded = JSON.parse(await readFile(join(folder, 'e2e.json'), 'utf8')) as Recorded;
  const { upscale, face_size: faceSize } = recorded;
  const { image } = enlargeSmall(await picture(join(folder, 'input.png')));
  yield await levels('enlarged input', image, join(folder, 'helper_input.png'));

  const scale = Math.max(1, recorded.resize / Math.min(image.width, image.height));
  const searched = scale > 1 ? resizeLinear(image, Math.trunc(image.width * scale), Math.trunc(image.height * scale)) : image;
  yield await levels("the detector's input", searched, join(folder, 'det_input.png'));
  const rows = toTensor(await readNpy(join(folder, 'detections_on_det_input.npy')));
  const width = rows.shape[1]!;
  const found = Array.from({ length: rows.shape[0]! }, (_, row) => [0, 1, 2, 3, 4].map((k) => ({ x: rows.data[row * width + 5 + 2 * k]! / scale, y: rows.data[row * width + 6 + 2 * k]! / scale })) as unknown as Landmarks);
  const faces = found.filter((landmarks) => eyeDistanceAsReference({ landmarks }) > recorded.eye_dist_threshold);
  yield within('kept landmarks', largestDifference(faces.flatMap((points) => points.flatMap(({ x, y }) => [x, y])), recorded.landmarks_kept.flat(2)), 1e-4, 'px');

  const placed = faces.map((landmarks) => alignment(landmarks, faceSize));
  yield within('alignment', largestDifference(placed.flatMap((toCrop) => matrixOf(toCrop)), recorded.affine.flat(2)), 1e-3);
  yield within('inverse', largestDifference(placed.flatMap((toCrop) => inverseMatrix(toCrop, upscale)), recorded.inverse_affine_used.flat(2)), 2e-3, 'px');
  const crops = placed.map((toCrop) => cropFace(image, toCrop, faceSize));
  for (const [i, crop] of crops.entries()) yield await levels(`crop ${i}`, crop, join(folder, `crop_${i}.png`));

  const restored = await restoredCrops(folder, recorded, crops, cacheFolder);
  for (const [i, face] of restored.entries()) yield await levels(`restored ${i}`, face, join(folder, `restored_${i}.png`));

  const size = { batch: 1, height: parsedSide, width: parsedSide, precision: 'fp32' as const, cacheFolder };
  const background = await withSession(await prepareRecognised(join(folder, 'rrdb_x2.pth'), 'rrdbnet', size), (session) => (
    enlargePicture(image, async (x) => (await session.run({ x }))['out']!, { factor: 2, multiple: 2, tile: recorded.tile, padding: recorded.tile_pad })));
  yield await levels('background', background, join(folder, 'background_up.png'));

  const result = upscale === 2 ? background : resizeLanczos4(background, image.width * upscale, image.height * upscale);
  await withSession(await prepareRecognised(join(folder, 'parsenet.pth'), 'parsenet', size), async (session) => {
    for (const [i, face] of restored.entries()) {
      const labels = await parseFace(face, async (x) => (await session.run({ x }))['out']!);
      pasteFace(result, face, placed[i]!, { mask: { kind: 'reference', labels }, upscale, rounding: 'truncate' });
    }
  });
  const expected = await picture(join(folder, 'result.png'));
  const off = result.data.reduce((sum, value, i) => sum + (Math.abs(value - expected.data[i]!) > 1 ? 1 : 0), 0) / result.data.length;
  yield within('result, samples off by more than 1', off, 0.005, 'share');
  yield within('result', largestDifference(result.data, expected.data), 4, 'levels');
}

async function restoredCrops(folder: string, { unet, swinir, diffusion, face_size: side }: Recorded, crops: readonly RgbImage[], cacheFolder: string): Promise<readonly RgbImage[]> {
  const size = { batch: crops.length, height: side, width: side, precision: 'fp32' as const, cacheFolder };
  const open = async (path: string, architecture: 'unet' | 'swinir'): Promise<Session> => {
    const checkpoint = resolve(folder, path);
    const beside = join(dirname(checkpoint), `${architecture}.config.json`);
    if (!(await exists(checkpoint))) throw new Error(`${checkpoint}, which the fixture needs, is not there`);
    return openNetwork(checkpoint, beside, architecture, size);
  };
  const [backbone, denoiser] = [await open(swinir, 'swinir'), await open(unet, 'unet')];
  const { respacing, start_timesteps: start, eta } = diffusion;
  const { restored } = await restoreCrops(backbone, denoiser, {
    crops: stack(crops.map(rgbToTensor)), method: { kind: 'diffusion', recipe: { kind: 'ddim', respacing, start, steps: start, eta }, turns: [] },
    noise: { kind: 'recorded', draws: toTensor(await readNpy(join(folder, 'noise.npy'))) }, kept: 'none',
  }, { signal: new AbortController().signal, onStep: () => undefined, onState: () => undefined });
  await backbone.release();
  await denoiser.release();
  return crops.map((_, i) => tensorToRgb(restored, i));
}

async function withSession<T>(path: string, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession(path, { provider: 'cpu' });
  try {
    return await work(session);
  } finally {
    await session.release();
  }
}

async function levels(name: string, own: RgbImage, path: string): Promise<Comparison> {
  return within(name, largestDifference(own.data, (await picture(path)).data), 1, 'levels');
}
