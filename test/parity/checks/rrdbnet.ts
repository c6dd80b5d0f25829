import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { enlargePicture } from '../../../kernel/faces/enlarge.ts';
import { readNpy, toTensor } from '../../../kernel/tensor/npy.ts';
import { largestDifference, within, type Comparison, type FixtureKind } from '../fixture.ts';
import { exists, picture } from '../fixtureFiles.ts';
import { openNetwork, withCache } from '../network.ts';

/** An RRDBNet: `<name>.pth`, `.in.npy`, `.out.npy`; and `.img.png` with `.enhance_notile.png`, `.enhance_tile<T>_pad<P>.png`: enlarged whole and in the tiles the configuration names. */
export const rrdbnet: FixtureKind = {
  name: 'rrdbnet',
  recognise: (files) => nameOf(files) !== undefined,
  compare: (folder) => withCache((cacheFolder) => compareRrdbNet(folder, cacheFolder)),
};

function nameOf(files: readonly string[]): string | undefined {
  return files.flatMap((file) => /^(rrdb.*)\.pth$/.exec(file)?.[1] ?? []).find((name) => ['config.json', 'in.npy', 'out.npy'].every((end) => files.includes(`${name}.${end}`)));
}

async function* compareRrdbNet(folder: string, cacheFolder: string): AsyncGenerator<Comparison> {
  const files = (await readdir(folder)).sort();
  const name = nameOf(files)!;
  const path = (end: string): string => join(folder, `${name}.${end}`);
  const config = JSON.parse(await readFile(path('config.json'), 'utf8')) as { readonly params: { readonly scale: number }; readonly tile?: number; readonly tile_pad?: number };
  const { scale } = config.params;
  const [x, expected] = [toTensor(await readNpy(path('in.npy'))), toTensor(await readNpy(path('out.npy')))];
  const [batch, , height, width] = x.shape as [number, number, number, number];
  for (const precision of ['fp32', 'fp16'] as const) {
    const session = await openNetwork(path('pth'), path('config.json'), 'rrdbnet', { batch, height, width, precision, cacheFolder });
    const { out } = await session.run({ x });
    yield within(`output ${precision}`, largestDifference(out!.data, expected.data), precision === 'fp32' ? 5e-5 : 0.02);
    await session.release();
  }
  yield* compareTiles();

  async function* compareTiles(): AsyncGenerator<Comparison> {
    if (!(await exists(path('img.png')))) return;
    const session = await openNetwork(path('pth'), path('config.json'), 'rrdbnet', { batch: 1, height, width, precision: 'fp32', cacheFolder });
    const image = await picture(path('img.png'));
    const recordings = [{ end: 'enhance_notile.png', options: {} }];
    if (config.tile !== undefined && config.tile_pad !== undefined) recordings.push({ end: `enhance_tile${config.tile}_pad${config.tile_pad}.png`, options: { tile: config.tile, padding: config.tile_pad } });
    for (const { end, options } of recordings) {
      if (!files.includes(`${name}.${end}`)) continue;
      const own = await enlargePicture(image, async (tile) => (await session.run({ x: tile }))['out']!, { factor: scale, multiple: 4 / scale, ...options });
      yield within(end, largestDifference(own.data, (await picture(path(end))).data), 1, 'levels');
    }
    await session.release();
  }
}
