import { pathOf } from '../weights/installed.ts';
import { difface } from '../weights/official.ts';
import type { OfficialFile } from '../weights/officialFiles.ts';
import { prepareBeside, prepareRestorer, type Preparing } from './preparedNetworks.ts';

/**
 * Converts an installed file to the graph that restoring uses, so that the first face does not wait for it.
 * @returns false where nothing in this version computes with it
 * @throws KernelFailure('checkpoint') if the file does not fit, ('output') if the cache cannot be written
 */
export async function convertWeights(official: OfficialFile, folder: string, preparing: Preparing): Promise<boolean> {
  const { file, network } = official;
  switch (network) {
    case 'unet':
    case 'swinir': {
      const part = (['backbone', 'denoiser'] as const).find((name) => difface[name].file === file);
      if (part) await prepareRestorer(part, { folder, description: difface }, { batch: 1, numbers: { provider: 'cpu', precision: 'float32' } }, preparing);
      return part !== undefined;
    }
    case 'retinaface':
    case 'yolov5-face':
    case 'rrdbnet':
    case 'parsenet':
      await prepareBeside(pathOf(official, folder), network, preparing);
      return true;
    case 'lama':
      return false;
    default:
      return network satisfies never;
  }
}
