import { Parts, type Handover } from './pipeline/handover.ts';
import type { OnProgress } from './pipeline/progress.ts';
import type { TensorBytes, WalkViews, WalkWork } from './pipeline/walkViews.ts';
import type { HandedOver, KernelHandlers, TensorHeader, WalkJobParams } from './protocol.ts';
import { stepFrameGrid } from './trajectory/stepFrameGrid.ts';

type WalkHandlers = Pick<KernelHandlers, 'walk' | 'previews' | 'state' | 'statePicture' | 'branches' | 'nameBranch' | 'seedMap' | 'blended' | 'grid' | 'exportWalk' | 'exportGrid' | 'adopt'>;

/** Answers the requests that look into walks. @param onWalked called when states were added to the store */
export function walkHandlers(walks: WalkViews, handover: Handover, onProgress: (job: string) => OnProgress, onWalked: () => void): WalkHandlers {
  const work = ({ job, device }: Pick<WalkJobParams, 'job' | 'device'>, signal: AbortSignal): WalkWork => ({ device, signal, onProgress: onProgress(job) });
  const handed = async ({ header, bytes }: TensorBytes): Promise<TensorHeader & HandedOver> => ({ ...header, file: await handover.write(bytes) });
  const thenTrim = async <T>(walked: Promise<T>): Promise<T> => walked.finally(onWalked);

  return {
    async walk({ compute, job, device, ...looked }, signal) {
      const kept = await walks.open(looked);
      if (kept || !compute) return kept ?? null;
      return (await thenTrim(walks.open(looked, work({ job, device }, signal)))) ?? null;
    },
    async previews(looked) {
      const { input, estimate, states } = await walks.previews(looked);
      const parts = new Parts();
      const places = { input: parts.add(input), estimate: parts.add(estimate), states: states.map(({ xT, predX0 }) => ({ xT: parts.add(xT), predX0: parts.add(predX0) })) };
      return { ...places, file: await handover.write(...parts.all) };
    },
    async state({ state, order, ...looked }) {
      const found = await walks.state(looked, state, order);
      return 'path' in found ? { ...found.header, file: found.path, lasting: { offset: found.offset } } : handed(found);
    },
    statePicture: async ({ state, order, ...looked }) => ({ file: await handover.write(await walks.picture(looked, state, order)) }),
    branches: ({ view, options, of }) => walks.branches(view, options, of),
    nameBranch: ({ name, ...looked }) => walks.nameBranch(looked, name),
    async seedMap({ seeds, job, device, ...looked }, signal) {
      const { info, mean, deviation } = await thenTrim(walks.seedMap(looked, seeds, work({ job, device }, signal)));
      return { ...info, file: await handover.write(bytesOf(mean.data), bytesOf(deviation.data)) };
    },
    blended: async ({ seeds, above, job, device, ...looked }, signal) => handed(await walks.blended(looked, seeds, above, work({ job, device }, signal))),
    async grid({ first, last, rows, job, device, ...looked }, signal) {
      const { frames, walks: rowsOfGrid } = await thenTrim(walks.frames(looked, first, last, rows, work({ job, device }, signal)));
      const parts = new Parts();
      const grid = await stepFrameGrid(frames, rowsOfGrid, (bytes) => parts.add(bytes));
      return { ...grid, file: await handover.write(...parts.all) };
    },
    exportWalk: async ({ formats, wanted, job, device, ...looked }, signal) => ({ path: await thenTrim(walks.export(looked, formats, wanted, work({ job, device }, signal))) }),
    exportGrid: async ({ first, last, rows, wanted, job, device, ...looked }, signal) => ({ path: await thenTrim(walks.exportGrid(looked, first, last, rows, wanted, work({ job, device }, signal))) }),
    async adopt(looked) {
      await walks.adopt(looked);
      return null;
    },
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
