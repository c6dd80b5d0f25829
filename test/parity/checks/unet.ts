import { join } from 'node:path';
import { readNpy, toTensor } from '../../../kernel/tensor/npy.ts';
import { largestDifference, within, type Comparison, type FixtureKind } from '../fixture.ts';
import { exists } from '../fixtureFiles.ts';
import { compareTrace, openNetwork, withCache } from '../network.ts';

/** An ADM UNet: weights, input and recorded output; where they are there, the timestep embedding and what every block computed. */
export const unet: FixtureKind = {
  name: 'unet',
  recognise: (files) => ['unet.pth', 'unet.config.json', 'unet.x.npy', 'unet.t.npy', 'unet.out.npy'].every((file) => files.includes(file)),
  compare: (folder) => withCache((cacheFolder) => compareUnet(folder, cacheFolder)),
};

async function* compareUnet(folder: string, cacheFolder: string): AsyncGenerator<Comparison> {
  const read = async (name: string) => toTensor(await readNpy(join(folder, name)));
  const [x, t, expected] = [await read('unet.x.npy'), await read('unet.t.npy'), await read('unet.out.npy')];
  const [batch, , height, width] = x.shape as [number, number, number, number];
  for (const precision of ['fp32', 'fp16'] as const) {
    const session = await openNetwork(join(folder, 'unet.pth'), join(folder, 'unet.config.json'), 'unet', { batch, height, width, precision, cacheFolder, trace: precision === 'fp32' });
    const outputs = await session.run({ x, t });
    await session.release();
    yield within(`output ${precision}`, largestDifference(outputs['out']!.data, expected.data), precision === 'fp32' ? 5e-5 : 0.05);
    if (precision === 'fp16') continue;
    if (await exists(join(folder, 'unet.temb.npy'))) yield within('timestep embedding', largestDifference(outputs['timestep_embedding']!.data, (await read('unet.temb.npy')).data), 1e-5);
    if (await exists(join(folder, 'unet.trace.json'))) yield await compareTrace(join(folder, 'unet.trace.json'), outputs, 1e-4);
  }
}
