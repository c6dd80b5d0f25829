import { requests, type DetectorChoice, type FoundFace } from '../kernel/protocol.ts';
import { acrossCrashes } from './failures.ts';
import type { KernelClient } from './kernelClient.ts';
import type { KernelView } from './kernelView.ts';
import { ProgressTeller, type ProgressText } from './progressText.ts';

let searches = 0;

/** Looks for the faces of a file; whoever asks while they are looked for waits for the same search. */
export class FaceSearch {
  private finding: Promise<readonly FoundFace[]> | undefined;
  private controller = new AbortController();

  constructor(private readonly kernel: KernelClient, private readonly view: KernelView, private readonly detector: () => DetectorChoice | undefined, private readonly onProgress: (told: ProgressText) => void) {}

  /** @param signal stops it too @throws RequestFailure('cancelled') */
  async find(signal?: AbortSignal): Promise<readonly FoundFace[]> {
    const finding = this.finding ??= this.search();
    const cancel = (): void => {
      this.cancel();
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await finding;
    } finally {
      if (this.finding === finding) this.finding = undefined;
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** A search is under way that was not cancelled. */
  get busy(): boolean {
    return this.finding !== undefined;
  }

  /** Who asks from now on gets a search of its own. */
  cancel(): void {
    this.finding = undefined;
    this.controller.abort();
  }

  private async search(): Promise<readonly FoundFace[]> {
    const detector = this.detector();
    const { signal } = this.controller = new AbortController();
    const job = `find-${++searches}`;
    const teller = new ProgressTeller();
    this.onProgress({ text: 'Looking for faces', done: 0 });
    const listening = this.kernel.onProgress(({ job: of, progress }) => {
      const told = of === job && progress.stage === 'detecting' ? teller.tell(progress) : undefined;
      if (told) this.onProgress(told);
    });
    try {
      return await acrossCrashes(() => this.view.request(requests.findFaces, { job, ...(detector === undefined ? {} : { detector }) }, signal), () => undefined);
    } finally {
      listening.dispose();
    }
  }
}
