import type { ActiveDevice, KernelInfo } from '../kernel/protocol.ts';

export type KernelState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly info: KernelInfo; readonly device: ActiveDevice | undefined }
  /** @property message a sentence that says what failed */
  | { readonly kind: 'failed'; readonly message: string };

/** What is being done, for the status bar. */
export interface Working {
  readonly title: string;
  /** 0 .. 1 */
  readonly done: number;
  /** Jobs behind it. */
  readonly waiting: number;
}

export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  readonly failed: boolean;
}

/** What the status bar says. */
export function describeKernel(state: KernelState, working?: Working): StatusText {
  const device = state.kind === 'ready' && state.device ? ` ${state.device.name.toUpperCase()}` : '';
  if (working) {
    const queue = working.waiting > 0 ? ` and ${working.waiting} more waiting` : '';
    return { text: `$(sync~spin) DifFace ${Math.floor(working.done * 100)} %${device}`, tooltip: `${working.title}${queue}. Click to show what is queued.`, failed: false };
  }
  switch (state.kind) {
    case 'stopped':
      return { text: '$(circle-outline) DifFace', tooltip: 'DifFace is idle; its kernel starts when it is needed.', failed: false };
    case 'starting':
      return { text: '$(sync~spin) DifFace', tooltip: 'The DifFace kernel is starting.', failed: false };
    case 'ready': {
      const where = state.device ? ` It computes on ${state.device.name} in ${state.device.precision}${state.device.batch > 1 ? `, up to ${state.device.batch} faces at once` : ''} (${state.device.reason}).` : '';
      return { text: `$(check) DifFace${device}`, tooltip: `DifFace is ready (version ${state.info.version}, model ${state.info.model}).${where}`, failed: false };
    }
    case 'failed':
      return { text: '$(error) DifFace', tooltip: `${state.message} Click to try again.`, failed: true };
    default:
      return state satisfies never;
  }
}
