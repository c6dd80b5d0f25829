import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { enlargeSmall } from '../../../kernel/faces/resize.ts';
import { readPicture } from '../../../kernel/media/image.ts';
import { tensorToRgb } from '../../../kernel/tensor/imageTensor.ts';
import { readNpy, toTensor } from '../../../kernel/tensor/npy.ts';
import { tensor, type Tensor } from '../../../kernel/tensor/tensor.ts';
import { largestDifference, within, type Comparison, type FixtureKind } from '../fixture.ts';
import { exists, picture } from '../fixtureFiles.ts';

/** How pictures are read, enlarged and rounded. */
export const imageIo: FixtureKind = {
  name: 'image-io',
  recognise: (files) => files.some((file) => /^expected_(aligned|whole_bgr)\..+\.npy$/.test(file)),
  compare: compareReading,
};


async function* compareReading(folder: string): AsyncGenerator<Comparison> {
  for (const file of (await readdir(folder)).sort()) {
    const match = /^expected_(aligned|whole_bgr)\.(.+)\.npy$/.exec(file);
    if (!match) continue;
    const expected = toTensor(await readNpy(join(folder, file)));
    yield match[1] === 'aligned' ? await compareAligned(folder, match[2]!, expected) : await compareWhole(folder, match[2]!, expected);
  }
  const enlarged = join(folder, 'enlarged_from_rgb8.png');
  if (await exists(enlarged)) {
    const small = await picture(join(folder, 'rgb8.png'));
    const expected = await picture(enlarged);
    yield within('enlarged', largestDifference(enlargeSmall(small).image.data, expected.data), 1, 'levels');
  }
  yield* compareRounding(join(folder, 'image_io.json'));
}

/** (H, W, 3) RGB in [0, 1] for the aligned path, which in the reference neither turns pictures upright nor knows 16 bit. */
async function compareAligned(folder: string, name: string, expected: Tensor): Promise<Comparison> {
  const { image, metadata } = await readPicture(join(folder, name));
  const highest = image.data instanceof Uint16Array ? 65535 : 255;
  const own = Float32Array.from(image.data, (value) => value / highest);
  const label = `aligned ${name}`;
  if (metadata.orientation !== undefined && metadata.orientation > 1) {
    const mended = within(label, largestDifference(own, upright(expected, metadata.orientation)), toleranceOf(name) / 255 + 1e-7);
    return mended.verdict === 'pass' ? onPurpose(label, largestDifference(own, expected.data), 'the reference leaves pictures as they were stored; turned upright they are equal') : mended;
  }
  if (highest === 65535) {
    // The reference divides 16-bit samples by 255: the same picture, 257 times too bright.
    const mended = within(label, largestDifference(own, expected.data.map((value) => (value * 255) / 65535)), 1e-6);
    return mended.verdict === 'pass' ? onPurpose(label, largestDifference(own, expected.data), 'the reference divides 16-bit samples by 255; taken by 65535 they are equal') : mended;
  }
  return within(label, largestDifference(own, expected.data), toleranceOf(name) / 255 + 1e-7);
}

/** Values of a stored picture (H, W, 3) in the order in which an EXIF orientation shows them (Exif 2.3, table 6). */
function upright({ data, shape }: Tensor, orientation: number): Float32Array {
  const [height, width] = shape as readonly [number, number, number];
  const turned = orientation >= 5;
  const [columns, rows] = turned ? [height, width] : [width, height];
  const shown = new Float32Array(data.length);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const [across, down] = turned ? [y, x] : [x, y];
      const column = [2, 3, 7, 8].includes(orientation) ? width - 1 - across : across;
      const row = [3, 4, 6, 7].includes(orientation) ? height - 1 - down : down;
      for (let c = 0; c < 3; c++) shown[3 * (y * columns + x) + c] = data[3 * (row * width + column) + c]!;
    }
  }
  return shown;
}

/** (H, W, 3) BGR, 8 bit, upright, for whole pictures. */
async function compareWhole(folder: string, name: string, expected: Tensor): Promise<Comparison> {
  const { image: source, view: { data } } = await readPicture(join(folder, name));
  const bgr = data.map((_, i) => data[i - (i % 3) + 2 - (i % 3)]!);
  const error = largestDifference(bgr, expected.data);
  if (source.data instanceof Uint16Array && error <= 1) return onPurpose(`whole ${name}`, error, 'levels; 16 bit is rounded to 8, the reference cuts it off');
  return within(`whole ${name}`, error, toleranceOf(name), 'levels');
}

async function* compareRounding(path: string): AsyncGenerator<Comparison> {
  if (!(await exists(path))) return;
  const recorded = JSON.parse(await readFile(path, 'utf8')) as Readonly<Record<string, { readonly input?: readonly (readonly number[])[]; readonly output?: readonly unknown[] }>>;
  for (const name of ['_img_as_ubyte', '_tensor2img_uint8']) {
    const { input, output } = recorded[name] ?? {};
    if (!input || !output) continue;
    const values = input.flat();
    const own = tensorToRgb(tensor(Float32Array.from([...values, ...values, ...values]), [3, 1, values.length])).data.filter((_, i) => i % 3 === 0);
    yield within(`rounding ${name}`, largestDifference(own, output.flat(3) as number[]), 0, 'levels');
  }
}

/** Decoders of JPEG may differ a little; everything else is exact. */
function toleranceOf(name: string): number {
  return /\.jpe?g$/i.test(name) ? 2 : 0;
}

function onPurpose(name: string, error: number, note: string): Comparison {
  return { name, error, tolerance: 0, verdict: 'differs on purpose', note };
}
