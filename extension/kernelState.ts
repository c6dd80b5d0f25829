import type { KernelInfo } from '../kernel/protocol.ts';

export type KernelState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly info: KernelInfo }
  | { readonly kind: 'failed'; readonly message: string };

/** What the status bar says of a state. */
export function describeKernel(state: KernelState): { readonly text: string; readonly tooltip: string; readonly failed: boolean } {
  switch (state.kind) {
    case 'stopped':
      return { text: '$(circle-slash) DifFace', tooltip: 'The DifFace kernel is not running. Click to start it.', failed: false };
    case 'starting':
      return { text: '$(sync~spin) DifFace', tooltip: 'The DifFace kernel is starting.', failed: false };
    case 'ready':
      return { text: '$(check) DifFace', tooltip: `The DifFace kernel is ready (version ${state.info.version}, model ${state.info.model}).`, failed: false };
    case 'failed':
      return { text: '$(error) DifFace', tooltip: `The DifFace kernel did not start: ${state.message} Click to try again.`, failed: true };
    default:
      return state satisfies never;
  }
}
