import { join } from 'node:path';
import { readdir } from 'node:fs/promises';
import { resizeLanczos4, resizeLinear } from '../../../kernel/faces/resize.ts';
import { readNpy, toTensor } from '../../../kernel/tensor/npy.ts';
import { bicubicAntialias } from '../../../kernel/tensor/resample.ts';
import { largestDifference, within, type Comparison, type FixtureKind } from '../fixture.ts';
import { picture } from '../fixtureFiles.ts';

/** torch's bicubic resampling with antialiasing; OpenCV's linear and Lanczos resampling of 8-bit pictures. */
export const resize: FixtureKind = {
  name: 'resize',
  recognise: (files) => files.includes('resize.json') || files.some((file) => /^bicubic_aa\.\d+\.in\.npy$/.test(file)),
  compare: compareResize,
};

async function* compareResize(folder: string): AsyncGenerator<Comparison> {
  const files = (await readdir(folder)).sort();
  for (const file of files) {
    const number = /^bicubic_aa\.(\d+)\.out\.npy$/.exec(file)?.[1];
    if (number === undefined) continue;
    const [input, expected] = [toTensor(await readNpy(join(folder, `bicubic_aa.${number}.in.npy`))), toTensor(await readNpy(join(folder, file)))];
    yield within(`bicubic ${number}`, largestDifference(bicubicAntialias(input, expected.shape.at(-2)!, expected.shape.at(-1)!).data, expected.data), 1e-5);
  }
  for (const [kind, own] of [['cv_linear_u8', resizeLinear], ['cv_lanczos4_u8', resizeLanczos4]] as const) {
    for (const file of files) {
      const number = new RegExp(`^${kind}\\.(\\d+)\\.out\\.png$`).exec(file)?.[1];
      if (number === undefined) continue;
      const input = files.includes(`${kind}.${number}.in.png`) ? `${kind}.${number}.in.png` : `cv_linear_u8.${number}.in.png`;
      const expected = await picture(join(folder, file));
      yield within(`${kind} ${number}`, largestDifference(own(await picture(join(folder, input)), expected.width, expected.height).data, expected.data), 1, 'levels');
    }
  }
}
