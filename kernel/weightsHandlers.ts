import { weightsFolder } from './packageFolder.ts';
import { importWeights, installWeights, listWeights, removeWeights, verifyWeights, type WeightsWork } from './pipeline/manageWeights.ts';
import type { KernelHandlers, WeightsJobProgress } from './protocol.ts';
import { acceptLicence, licenceKey, licences } from './weights/licences.ts';
import { filesNamed } from './weights/officialFiles.ts';
import type { WeightsProgress } from './weights/progress.ts';

type WeightsHandlers = Pick<KernelHandlers, 'weights' | 'installWeights' | 'importWeights' | 'verifyWeights' | 'removeWeights'>;

/** Milliseconds between two reports of one stage: more nobody can read. */
const interval = 100;

/** Answers the requests about official weights. */
export function weightsHandlers(tell: (progress: WeightsJobProgress) => void): WeightsHandlers {
  const work = (job: string, signal: AbortSignal): WeightsWork => ({ signal, onProgress: thinned((progress) => { tell({ job, progress }); }) });
  return {
    weights: () => listWeights(),
    async installWeights({ names, accepted, network, job }, signal) {
      for (const licence of Object.values(licences)) if (accepted.includes(licenceKey(licence))) await acceptLicence(licence, weightsFolder());
      return installWeights(filesNamed(names), network, work(job, signal));
    },
    async importWeights({ paths, job }, signal) {
      const { imported, skipped, failed, unconverted } = await importWeights(paths, work(job, signal));
      return { imported: imported.map(({ file, from, record }) => ({ id: file.id, file: file.file, from, published: record.published })), skipped, failed, unconverted };
    },
    verifyWeights: ({ names, job }, signal) => verifyWeights(names, work(job, signal)),
    // nobody shows its progress: it takes no time, unless another process is at the file
    removeWeights: ({ names }, signal) => removeWeights(filesNamed(names), { signal, onProgress: () => undefined }),
  };
}

function thinned(report: (progress: WeightsProgress) => void): (progress: WeightsProgress) => void {
  let [stage, last] = ['', 0];
  return (progress) => {
    const [now, current] = [performance.now(), `${progress.stage} ${progress.file}`];
    if (current === stage && now - last < interval) return;
    [stage, last] = [current, now];
    report(progress);
  };
}
