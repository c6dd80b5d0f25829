import { prepareNetwork } from '../inference/modelStore.ts';
import { cacheFolder } from '../packageFolder.ts';
import { difface } from '../weights/official.ts';
import type { OfficialFile } from '../weights/officialFiles.ts';

/**
 * Converts an installed file to the graph that restoring uses, so that the first face does not wait for it. The one place that says which files are converted, and to what.
 * @returns false where nothing in this version computes with it
 * @throws KernelFailure('checkpoint') if the file does not fit, ('output') if the cache cannot be written
 */
export async function convertWeights({ file }: OfficialFile, folder: string, signal: AbortSignal, onProgress: (done: number) => void): Promise<boolean> {
  const { faceSize } = difface;
  const restoring = [difface.backbone, difface.denoiser].find((network) => network.file === file);
  if (!restoring) return false;
  await prepareNetwork(folder, restoring, { batch: 1, height: faceSize, width: faceSize, precision: 'fp32', cacheFolder: cacheFolder(), signal, onProgress });
  return true;
}
