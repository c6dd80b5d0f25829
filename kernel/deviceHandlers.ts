import { devices } from './inference/executionProviders.ts';
import { installCudaLibraries } from './inference/cudaLibraries.ts';
import type { OnProgress } from './pipeline/progress.ts';
import type { KernelHandlers } from './protocol.ts';
import { progressWords } from './weights/progressWords.ts';

/** Answers the requests about where networks run. @param onInstalled called when another device may work from now on */
export function deviceHandlers(onProgress: (job: string) => OnProgress, onInstalled: () => void): Pick<KernelHandlers, 'devices' | 'installCuda'> {
  return {
    devices: async ({ again }) => (await devices({ again })).map(({ name, card, usable, reason, trial: { float16 }, when }) => ({ name, usable, reason, float16: float16.passed, when, ...(card === undefined ? {} : { card }) })),
    async installCuda({ job, network }, signal) {
      const tell = onProgress(job);
      const files = await installCudaLibraries({ network, signal, onProgress: (progress) => { tell({ stage: 'preparing', what: `fetching the CUDA libraries: ${progressWords(progress).text}` }); } });
      onInstalled();
      return { files };
    },
  };
}
