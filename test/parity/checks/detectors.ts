import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readNpy, toTensor } from '../../../kernel/tensor/npy.ts';
import { largestDifference, within, type Comparison, type FixtureKind } from '../fixture.ts';
import { openDetector, withCache } from '../network.ts';

/** Face detectors: `detectors.json` names the recorded outputs of each. */
export const detectors: FixtureKind = {
  name: 'detectors',
  recognise: (files) => files.includes('detectors.json'),
  compare: (folder) => withCache((cacheFolder) => compareAll(folder, cacheFolder)),
};

async function* compareAll(folder: string, cacheFolder: string): AsyncGenerator<Comparison> {
  const recorded = JSON.parse(await readFile(join(folder, 'detectors.json'), 'utf8')) as Readonly<Record<string, readonly string[]>>;
  for (const [name, outputs] of Object.entries(recorded)) {
    const x = toTensor(await readNpy(join(folder, `${name}.x.npy`)));
    const session = await openDetector(join(folder, `${name}.pth`), { precision: 'fp32', cacheFolder });
    const maps = await session.run({ x });
    await session.release();
    for (const output of outputs) {
      const [actual, expected] = [maps[output]!, toTensor(await readNpy(join(folder, `${name}.${output}.npy`)))];
      const scale = expected.data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
      yield within(`${name} ${output}`, actual.shape.join() === expected.shape.join() ? largestDifference(actual.data, expected.data) / scale : Infinity, 2e-5);
    }
  }
}
