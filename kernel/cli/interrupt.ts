import { KernelFailure } from '../failure.ts';

/** Aborts at the first Ctrl+C (or SIGTERM), so that everything is put away; a second one ends the process at once. */
export function interruptSignal(): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write('\ninterrupted: putting things away\n');
    controller.abort(new KernelFailure('cancelled', 'interrupted; finished files are kept, nothing half-done was written'));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, interrupt);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of signals) process.off(name, interrupt);
    },
  };
}
