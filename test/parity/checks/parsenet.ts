import { join } from 'node:path';
import { readNpy, toTensor } from '../../../kernel/tensor/npy.ts';
import { largestDifference, within, type Comparison, type FixtureKind } from '../fixture.ts';
import { openNetwork, withCache } from '../network.ts';

/** A ParseNet: weights, input, both recorded outputs and the classes. */
export const parsenet: FixtureKind = {
  name: 'parsenet',
  recognise: (files) => ['parsenet.pth', 'parsenet.config.json', 'parsenet.in.npy', 'parsenet.mask_logits.npy'].every((file) => files.includes(file)),
  compare: (folder) => withCache((cacheFolder) => compareParseNet(folder, cacheFolder)),
};

async function* compareParseNet(folder: string, cacheFolder: string): AsyncGenerator<Comparison> {
  const read = async (name: string) => toTensor(await readNpy(join(folder, `parsenet.${name}.npy`)));
  const [x, logits, image, classes] = [await read('in'), await read('mask_logits'), await read('img'), await read('argmax')];
  const [batch, , height, width] = x.shape as [number, number, number, number];
  for (const precision of ['fp32', 'fp16'] as const) {
    const session = await openNetwork(join(folder, 'parsenet.pth'), join(folder, 'parsenet.config.json'), 'parsenet', { batch, height, width, precision, cacheFolder, trace: true });
    const outputs = await session.run({ x });
    await session.release();
    const exact = precision === 'fp32';
    yield within(`logits ${precision}`, largestDifference(outputs['out_mask_conv']!.data, logits.data), exact ? 3e-4 : 0.2);
    if (exact) yield within('image', largestDifference(outputs['out_img_conv']!.data, image.data), 3e-4);
    const own = outputs['out']!.data;
    const differing = own.length === classes.data.length ? own.reduce((sum, value, i) => sum + (value === classes.data[i] ? 0 : 1), 0) / own.length : Infinity;
    yield within(`classes ${precision}`, differing, exact ? 1e-3 : 0.05, 'share that differs');
  }
}
