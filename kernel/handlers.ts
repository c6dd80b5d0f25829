import { stat } from 'node:fs/promises';
import { KernelFailure } from './failure.ts';
import { productVersion } from './packageFolder.ts';
import { collectFiles } from './pipeline/collectFiles.ts';
import { developFaces, exportDeveloped } from './pipeline/develop.ts';
import { EnginePool, type DeviceFailure } from './pipeline/enginePool.ts';
import { Handover, Parts } from './pipeline/handover.ts';
import { MediaViews } from './pipeline/mediaViews.ts';
import type { OnProgress } from './pipeline/progress.ts';
import { checkRequest } from './pipeline/request.ts';
import { RestorationStore } from './pipeline/restorationStore.ts';
import { restoreFiles } from './pipeline/restoreFiles.ts';
import { steadily } from './pipeline/steadily.ts';
import type { FramePlace } from './pipeline/viewTypes.ts';
import type { ActiveDevice, JobParams, JobProgress, KernelHandlers, KernelSettings, WeightsJobProgress } from './protocol.ts';
import { WalkViews } from './pipeline/walkViews.ts';
import type { Keeping } from './pipeline/walks.ts';
import { FaceWalks } from './trajectory/walkStore.ts';
import { deviceHandlers } from './deviceHandlers.ts';
import { walkHandlers } from './walkHandlers.ts';
import { findModel, modelSummaries, modelSummary } from './weights/catalog.ts';
import { detectorSummaries } from './weights/detectors.ts';
import { optionWords } from './recipe/optionWords.ts';
import { recipeHandlers } from './recipeHandlers.ts';
import { weightsHandlers } from './weightsHandlers.ts';

/** What the kernel tells unasked. */
export interface KernelListener {
  readonly progress: (progress: JobProgress) => void;
  readonly device: (device: ActiveDevice) => void;
  /** Whether work goes on on the next device; nobody agrees where absent. */
  readonly deviceFailed?: (failure: DeviceFailure) => Promise<boolean>;
  readonly weights: (progress: WeightsJobProgress) => void;
}

/** The handlers, and the processes and files behind them. */
export interface Kernel {
  readonly handlers: KernelHandlers;
  readonly dispose: () => void;
}

/** Answers the requests of the protocol with the pipeline. Networks stay loaded from one request to the next. */
export function createHandlers(listener: KernelListener, settings: KernelSettings): Kernel {
  const engines = new EnginePool({
    background: true, ...(settings.usualDevice === undefined ? {} : { usualDevice: settings.usualDevice }), ...(listener.deviceFailed ? { onDeviceFailure: listener.deviceFailed } : {}),
    onDevice: ({ name, precision, reason }, batch) => { listener.device({ name, precision, reason, batch }); },
  });
  const views = new MediaViews(engines);
  const keeping: Keeping = { steps: settings.keptSteps ?? { kind: 'every', nth: 1 }, precision: settings.keptPrecision ?? 'auto' };
  const walks = new WalkViews(views, engines, keeping);
  const handover = new Handover();
  const onProgress = (job: string): OnProgress => steadily((progress) => { listener.progress({ job, progress }); });
  const work = ({ job, options, device, path }: JobParams & { readonly path: string }, signal: AbortSignal) => ({ path, request: options, engines, device, signal, onProgress: onProgress(job) });
  const trim = (): void => {
    void RestorationStore.trim(settings.cacheBytes ?? 4e9).catch(() => undefined);
    void FaceWalks.trim(settings.trajectoryBytes ?? 4e9).catch(() => undefined);
  };

  const handlers: KernelHandlers = {
    async info() {
      return { version: productVersion(), model: (await findModel()).description.name, models: await modelSummaries(), detectors: detectorSummaries(), options: optionWords };
    },
    model: ({ name }) => modelSummary(name),
    collect({ paths, suffix }) {
      if (suffix !== undefined) checkRequest({ suffix });
      return collectFiles(paths, suffix);
    },
    async restore({ path, options, device, job, lockfile = true, reuse = false }, signal) {
      if ((await stat(path).catch(() => undefined))?.isDirectory() === true) throw new KernelFailure('usage', `${path} is a folder; name one picture or clip`);
      const [result] = await restoreFiles([path], options, { device, signal, engines, lockfile, reuse, onProgress: onProgress(job) });
      trim();
      if (!result) throw new KernelFailure('input', `${path} holds nothing to restore`);
      return result;
    },
    async develop({ range, ...params }, signal) {
      const developed = await developFaces({ ...work(params, signal), keeping }, range);
      trim();
      return developed;
    },
    export: ({ place, lockfile = true, ...params }, signal) => exportDeveloped({ ...work(params, signal), lockfile }, place),
    open({ view, path, result }) {
      walks.close(view);
      return views.open(view, path, result);
    },
    close({ view }) {
      walks.close(view);
      views.close(view);
      return Promise.resolve(null);
    },
    index: async ({ view }) => (await views.clip(view).index()).timestamps,
    picture: async ({ view, restored }) => ({ file: await handover.write(await views.picture(view, restored)) }),
    async frames({ view, from, count, width, height, restored }) {
      const { frames, interrupted } = await views.frames(view, from, count, { width, height }, restored);
      const parts = new Parts();
      const places = frames.map(({ ticks, original, restored: shown }): FramePlace => ({ ticks, original: parts.add(original), ...(shown ? { restored: parts.add(shown) } : {}) }));
      return { file: await handover.write(...parts.all), frames: places, interrupted };
    },
    async sound({ view, from, seconds }) {
      const { samples, sampleRate, channels } = await views.clip(view).listen(from, seconds);
      return { file: await handover.write(samples), sampleRate, channels };
    },
    thumbnail: async ({ view, ticks, width, height }, signal) => handed(handover, await views.clip(view).thumbnail(ticks, { width, height }, signal)),
    findFaces: ({ view, job, detector = 'auto' }, signal) => views.findFaces(view, detector, signal, onProgress(job)),
    knownFaces: async ({ view, detector = 'auto' }) => (await views.knownFaces(view, detector)) ?? null,
    faceCrop: async ({ view, number, restored }, signal) => handed(handover, await views.faceCrop(view, number, restored, signal)),
    restored: ({ view, options }) => views.restored(view, options),
    ...walkHandlers(walks, handover, onProgress, trim),
    ...recipeHandlers(engines, handover, onProgress, trim),
    ...deviceHandlers(onProgress, () => { engines.forget(); }),
    ...weightsHandlers(listener.weights),
  };
  return {
    handlers,
    dispose() {
      views.dispose();
      engines.dispose();
      handover.dispose();
    },
  };
}

async function handed(handover: Handover, bytes: Uint8Array | undefined): Promise<{ readonly file: string } | null> {
  return bytes ? { file: await handover.write(bytes) } : null;
}
