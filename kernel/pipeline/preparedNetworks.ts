import { parsedSide } from '../faces/mask.ts';
import { hardwareOf, type Numbers } from '../inference/device.ts';
import { anySize, prepareNetwork, prepareRecognised } from '../inference/modelStore.ts';
import { cacheFolder } from '../packageFolder.ts';
import type { InstalledModel } from '../weights/catalog.ts';

export interface Preparing {
  readonly signal?: AbortSignal | undefined;
  /** Told while weights are converted: the share that is done, 0 .. 1. */
  readonly onProgress?: (done: number) => void;
}

/** The networks that find faces, tell their parts, and enlarge what is behind them. */
export type BesideArchitecture = Parameters<typeof prepareRecognised>[1];

/**
 * One of the two networks of a model, converted to the size of its faces.
 * @returns path of the graph
 * @throws KernelFailure('checkpoint') if the file does not fit, ('output') if the cache cannot be written
 */
export function prepareRestorer(part: 'backbone' | 'denoiser', { folder, description }: InstalledModel, { batch, numbers }: { readonly batch: number; readonly numbers: Numbers }, preparing: Preparing): Promise<string> {
  const { faceSize } = description;
  return prepareNetwork(folder, description[part], { batch, height: faceSize, width: faceSize, precision: numbers.precision === 'float16' ? 'fp16' : 'fp32', hardware: hardwareOf(numbers.provider), ...common(preparing) });
}

/** A network beside the model, converted to what it is used at: the parser sees faces of one size, the others pictures of any; all of them in float32. Throws likewise. */
export function prepareBeside(checkpoint: string, architecture: BesideArchitecture, preparing: Preparing): Promise<string> {
  const size = architecture === 'parsenet' ? { ...anySize, height: parsedSide, width: parsedSide } : anySize;
  return prepareRecognised(checkpoint, architecture, { ...size, ...common(preparing) });
}

function common({ signal, onProgress }: Preparing): { readonly cacheFolder: string } & { readonly signal?: AbortSignal; readonly onProgress?: (done: number) => void } {
  return { cacheFolder: cacheFolder(), ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) };
}
