import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alignment, cropFace, matrixOf } from '../../../kernel/faces/align.ts';
import type { Landmarks } from '../../../kernel/faces/face.ts';
import { blendWeights, parseMask } from '../../../kernel/faces/mask.ts';
import { inverseMatrix, outlineFace, pasteFace } from '../../../kernel/faces/paste.ts';
import { resizeLanczos4, resizeLinear } from '../../../kernel/faces/resize.ts';
import type { Similarity } from '../../../kernel/faces/similarity.ts';
import { warpAffine, type Region } from '../../../kernel/faces/warp.ts';
import { readPicture } from '../../../kernel/media/image.ts';
import type { RgbImage } from '../../../kernel/tensor/rgbImage.ts';
import { largestDifference, within, type Comparison, type FixtureKind } from '../fixture.ts';
import { exists, picture } from '../fixtureFiles.ts';

interface Run {
  readonly upscale: number;
  readonly use_parse: boolean;
  readonly draw_box: boolean;
  /** A picture of the folder, or words for "the input, resized". */
  readonly background: string;
  readonly inverse_affine_used: readonly (readonly (readonly number[])[])[];
}

interface Recorded {
  readonly landmarks: readonly (readonly (readonly [number, number])[])[];
  readonly face_size: number;
  readonly affine: readonly (readonly (readonly number[])[])[];
  readonly runs: Readonly<Record<string, Run>>;
}

interface RestoredFace {
  readonly toCrop: Similarity;
  readonly restored: RgbImage;
  readonly labels: Uint8Array;
}

/** Alignment, crops, masks and the pasted picture of the reference's face helper. */
export const alignPaste: FixtureKind = {
  name: 'align-paste',
  recognise: (files) => files.includes('align_paste.json'),
  compare: compareAll,
};

async function* compareAll(folder: string): AsyncGenerator<Comparison> {
  const recorded = JSON.parse(await readFile(join(folder, 'align_paste.json'), 'utf8')) as Recorded;
  const input = await picture(join(folder, 'input.png'));
  const faces: RestoredFace[] = [];
  for (const [i, points] of recorded.landmarks.entries()) {
    const toCrop = alignment(points.map(([x, y]) => ({ x, y })) as unknown as Landmarks, recorded.face_size);
    const [own, expected] = [matrixOf(toCrop), recorded.affine[i]!.flat()];
    yield within(`face ${i} alignment`, largestDifference([0, 1, 3, 4].map((k) => own[k]!), [0, 1, 3, 4].map((k) => expected[k]!)), 1e-4);
    yield within(`face ${i} alignment, place`, largestDifference([own[2], own[5]], [expected[2]!, expected[5]!]), 1e-3, 'px');
    yield levels(`face ${i} crop`, cropFace(input, toCrop, recorded.face_size), await picture(join(folder, `crop_${i}.png`)), { most: 1, differing: 0.001 });
    const labels = await picture(join(folder, `parse_labels_${i}.png`));
    const face = { toCrop, restored: await picture(join(folder, `restored_${i}.png`)), labels: labels.data.filter((_, k) => k % 3 === 0) };
    faces.push(face);
    const blur = join(folder, `parse_blur_512_${i}.png`);
    if (await exists(blur)) yield within(`face ${i} parse mask`, largestDifference(parseMask(face.labels, recorded.face_size), await sixteenBit(blur)), 2e-3);
  }
  for (const [name, run] of Object.entries(recorded.runs)) yield* compareRun(folder, name, run, input, faces);
}

async function* compareRun(folder: string, name: string, run: Run, input: RgbImage, faces: readonly RestoredFace[]): AsyncGenerator<Comparison> {
  const { upscale } = run;
  const [width, height] = [input.width * upscale, input.height * upscale];
  const background = join(folder, run.background);
  const given = await exists(background) ? await picture(background) : undefined;
  const result = given === undefined ? resizeLinear(input, width, height) : given.width === width && given.height === height ? given : resizeLanczos4(given, width, height);
  const whole: Region = { x: 0, y: 0, width, height };
  let inverse = 0;
  const outlines: { size: number; matrix: ReturnType<typeof inverseMatrix>; area: number }[] = [];
  for (const [i, { toCrop, restored, labels }] of faces.entries()) {
    const matrix = inverseMatrix(toCrop, upscale);
    inverse = Math.max(inverse, largestDifference(matrix, run.inverse_affine_used[i]!.flat()));
    const { mask: soft, inside } = blendWeights({ kind: 'reference' }, restored.width, matrix, whole, upscale);
    outlines.push({ size: restored.width, matrix, area: inside.data.reduce((sum, value) => sum + value, 0) });
    const square = join(folder, `${name}.face${i}.square_soft_mask.png`);
    if (await exists(square)) yield within(`${name} face ${i} square mask`, largestDifference(soft.data, await sixteenBit(square)), 2e-3);
    const parse = join(folder, `${name}.face${i}.parse_soft_mask.png`);
    if (await exists(parse)) {
      const warped = warpAffine({ data: parseMask(labels, restored.width), width: restored.width, height: restored.width, channels: 1 }, matrix, whole, [0]);
      yield within(`${name} face ${i} parse mask`, largestDifference(warped, await sixteenBit(parse)), 2e-3);
    }
    pasteFace(result, restored, toCrop, { mask: { kind: 'reference', ...(run.use_parse ? { labels } : {}) }, upscale, rounding: 'truncate' });
  }
  yield within(`${name} inverse`, inverse, 2e-3, 'px');
  if (run.draw_box) for (const { size, matrix, area } of outlines) outlineFace(result, size, matrix, area);
  yield levels(`${name} result`, result, await picture(join(folder, `${name}.result.png`)), { most: 2, differing: 0.25 });
}

/** Passes when no sample differs by more than `most` levels and at most a share of `differing` differs at all. */
function levels(name: string, own: RgbImage, expected: RgbImage, { most, differing }: { readonly most: number; readonly differing: number }): Comparison {
  const largest = largestDifference(own.data, expected.data);
  const share = own.data.reduce((sum, value, i) => sum + (value === expected.data[i] ? 0 : 1), 0) / own.data.length;
  const note = `levels; ${(100 * share).toFixed(3)} % differ, at most ${100 * differing} % may`;
  return share <= differing ? within(name, largest, most, note) : { name, error: largest, tolerance: most, verdict: 'FAIL', note };
}

/** A grey 16-bit picture as values 0..1. */
async function sixteenBit(path: string): Promise<Float64Array> {
  const { data } = (await readPicture(path)).image;
  if (!(data instanceof Uint16Array)) throw new TypeError(`${path} is not 16 bit`);
  return Float64Array.from({ length: data.length / 3 }, (_, i) => data[3 * i]! / 65535);
}
