import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readNpy, toTensor } from '../../../kernel/tensor/npy.ts';
import { largestDifference, within, type Comparison, type FixtureKind } from '../fixture.ts';
import { compareTrace, openNetwork, withCache } from '../network.ts';

/** A SwinIR: weights and cases `swinir.<case>.in.npy`, `swinir.<case>.out.npy`, with `swinir.<case>.trace.json` where it is there. */
export const swinir: FixtureKind = {
  name: 'swinir',
  recognise: (files) => files.includes('swinir.pth') && files.includes('swinir.config.json') && files.some((file) => /^swinir\..+\.in\.npy$/.test(file)),
  compare: (folder) => withCache((cacheFolder) => compareCases(folder, cacheFolder)),
};

async function* compareCases(folder: string, cacheFolder: string): AsyncGenerator<Comparison> {
  const files = (await readdir(folder)).sort();
  for (const name of files.flatMap((file) => /^swinir\.(.+)\.in\.npy$/.exec(file)?.[1] ?? [])) {
    const x = toTensor(await readNpy(join(folder, `swinir.${name}.in.npy`)));
    const expected = toTensor(await readNpy(join(folder, `swinir.${name}.out.npy`)));
    const [batch, , height, width] = x.shape as [number, number, number, number];
    for (const precision of ['fp32', 'fp16'] as const) {
      const trace = precision === 'fp32' && files.includes(`swinir.${name}.trace.json`);
      const session = await openNetwork(join(folder, 'swinir.pth'), join(folder, 'swinir.config.json'), 'swinir', { batch, height, width, precision, cacheFolder, trace });
      const outputs = await session.run({ x });
      await session.release();
      const out = outputs['out']!;
      yield within(`${name} ${precision}`, out.shape.join() === expected.shape.join() ? largestDifference(out.data, expected.data) : Infinity, precision === 'fp32' ? 5e-5 : 0.05);
      if (!trace) continue;
      const comparison = await compareTrace(join(folder, `swinir.${name}.trace.json`), outputs, 1e-4);
      yield { ...comparison, name: `${name} ${comparison.name}` };
    }
  }
}
