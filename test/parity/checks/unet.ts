import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession } from '../../../kernel/inference/session.ts';
import { prepareModel } from '../../../kernel/inference/modelStore.ts';
import { parseNetwork } from '../../../kernel/models/network.ts';
import { readNpy, toTensor } from '../../../kernel/tensor/npy.ts';
import { largestDifference, within, type FixtureKind } from '../fixture.ts';

/** An ADM UNet: weights, input and recorded output. */
export const unet: FixtureKind = {
  name: 'unet',
  recognise: (files) => ['unet.pth', 'unet.config.json', 'unet.x.npy', 'unet.t.npy', 'unet.out.npy'].every((file) => files.includes(file)),
  async *compare(folder) {
    const cacheFolder = await mkdtemp(join(tmpdir(), 'difface-parity-'));
    try {
      const config = JSON.parse(await readFile(join(folder, 'unet.config.json'), 'utf8')) as { params: unknown };
      const x = toTensor(await readNpy(join(folder, 'unet.x.npy')));
      const t = toTensor(await readNpy(join(folder, 'unet.t.npy')));
      const [batch, , height, width] = x.shape as [number, number, number, number];
      const expected = toTensor(await readNpy(join(folder, 'unet.out.npy')));
      for (const precision of ['fp32', 'fp16'] as const) {
        const path = await prepareModel({ checkpoint: join(folder, 'unet.pth'), network: parseNetwork('unet', config.params), batch, height, width, precision, cacheFolder });
        const session = await openSession(path, { provider: 'cpu' });
        const { out } = await session.run({ x, t });
        await session.release();
        yield within(`output ${precision}`, largestDifference(out!.data, expected.data), precision === 'fp32' ? 5e-5 : 0.05);
      }
    } finally {
      await rm(cacheFolder, { recursive: true, force: true });
    }
  },
};
