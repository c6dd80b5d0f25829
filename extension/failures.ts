import type { FailureKind } from '../kernel/protocol.ts';

/** A failure of the kernel that a person should read. */
export class RequestFailure extends Error {
  override readonly name = 'RequestFailure';
  constructor(readonly kind: FailureKind | 'unforeseen', message: string) {
    super(message);
  }
}

/** The kernel's process could not be started; a person was told already, with what can be done. */
export class KernelNotStarted extends Error {
  override readonly name = 'KernelNotStarted';
  /** @param why a sentence for a person; what the process said is in the log */
  constructor(why = 'The DifFace kernel, the process that does the work, did not start; the log says why.') {
    super(why);
  }
}

/** The kernel's process ended before it answered. */
export class KernelLost extends Error {
  override readonly name = 'KernelLost';
  /** @param asked somebody stopped it on purpose */
  constructor(readonly asked = false) {
    super(asked ? 'the DifFace kernel was stopped' : 'the DifFace kernel ended unexpectedly');
  }
}

/** How often a piece of work may lose its process before it is given up: it may be the work that ends it. */
const attempts = 4;

/**
 * Does a piece of work again when the kernel is lost in the middle. What was restored before is in the kernel's store: it is not restored again.
 * @param onLost told at each loss that is followed by another attempt
 */
export async function acrossCrashes<T>(work: () => Promise<T>, onLost: (lost: KernelLost) => void): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof KernelLost)) throw error;
      if (attempt >= attempts) throw new RequestFailure('device', `the DifFace kernel ended ${attempts} times during this work, which was given up; the log may say why`);
      onLost(error);
    }
  }
}

export function isCancelled(error: unknown): boolean {
  return error instanceof RequestFailure && error.kind === 'cancelled';
}
