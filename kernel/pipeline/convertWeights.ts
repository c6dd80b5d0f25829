import { parsedSide } from '../faces/mask.ts';
import { anySize, prepareNetwork, prepareRecognised } from '../inference/modelStore.ts';
import { cacheFolder } from '../packageFolder.ts';
import { pathOf } from '../weights/installed.ts';
import { difface } from '../weights/official.ts';
import type { OfficialFile } from '../weights/officialFiles.ts';

/**
 * Converts an installed file to the graph that restoring uses, so that the first face does not wait for it. The one place that says which files are converted, and to what.
 * @returns false where nothing in this version computes with it
 * @throws KernelFailure('checkpoint') if the file does not fit, ('output') if the cache cannot be written
 */
export async function convertWeights(official: OfficialFile, folder: string, signal: AbortSignal, onProgress: (done: number) => void): Promise<boolean> {
  const { file, network } = official;
  const how = { cacheFolder: cacheFolder(), signal, onProgress };
  switch (network) {
    case 'unet':
    case 'swinir': {
      const { faceSize } = difface;
      const restoring = [difface.backbone, difface.denoiser].find((one) => one.file === file);
      if (restoring) await prepareNetwork(folder, restoring, { ...how, batch: 1, height: faceSize, width: faceSize, precision: 'fp32' });
      return restoring !== undefined;
    }
    case 'retinaface':
    case 'yolov5-face':
    case 'rrdbnet':
      await prepareRecognised(pathOf(official, folder), network, { ...how, ...anySize });
      return true;
    case 'parsenet':
      await prepareRecognised(pathOf(official, folder), network, { ...how, batch: 1, height: parsedSide, width: parsedSide, precision: 'fp32' });
      return true;
    case 'lama':
      return false;
    default:
      return network satisfies never;
  }
}
