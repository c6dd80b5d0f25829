import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession } from '../../../kernel/inference/session.ts';
import { prepareModel } from '../../../kernel/inference/modelStore.ts';
import { parseNetwork } from '../../../kernel/models/network.ts';
import { readNpy, toTensor } from '../../../kernel/tensor/npy.ts';
import { largestDifference, within, type FixtureKind } from '../fixture.ts';

/** A SwinIR: weights and cases `swinir.<case>.in.npy`, `swinir.<case>.out.npy`. */
export const swinir: FixtureKind = {
  name: 'swinir',
  recognise: (files) => files.includes('swinir.pth') && files.includes('swinir.config.json') && files.some((file) => /^swinir\..+\.in\.npy$/.test(file)),
  async *compare(folder) {
    const cacheFolder = await mkdtemp(join(tmpdir(), 'difface-parity-'));
    try {
      const config = JSON.parse(await readFile(join(folder, 'swinir.config.json'), 'utf8')) as { params: unknown };
      const cases = (await readdir(folder)).flatMap((file) => /^swinir\.(.+)\.in\.npy$/.exec(file)?.[1] ?? []).sort();
      for (const name of cases) {
        const x = toTensor(await readNpy(join(folder, `swinir.${name}.in.npy`)));
        const expected = toTensor(await readNpy(join(folder, `swinir.${name}.out.npy`)));
        const [batch, , height, width] = x.shape as [number, number, number, number];
        for (const precision of ['fp32', 'fp16'] as const) {
          const path = await prepareModel({ checkpoint: join(folder, 'swinir.pth'), network: parseNetwork('swinir', config.params), batch, height, width, precision, cacheFolder });
          const session = await openSession(path, { provider: 'cpu' });
          const { out } = await session.run({ x });
          await session.release();
          yield within(`${name} ${precision}`, out!.shape.join() === expected.shape.join() ? largestDifference(out!.data, expected.data) : Infinity, precision === 'fp32' ? 5e-5 : 0.05);
        }
      }
    } finally {
      await rm(cacheFolder, { recursive: true, force: true });
    }
  },
};
