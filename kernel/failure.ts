/** What went wrong, as a tag the caller can switch on. */
export type FailureKind =
  | 'input'          // the file given is missing, empty, damaged or of a kind that cannot be restored
  | 'output'         // the result cannot be written: read-only folder, full disk
  | 'checkpoint'     // a weight file is damaged, malicious or does not fit its architecture
  | 'weights'        // the weights that were asked for are not installed
  | 'dependency'     // ffmpeg or ffprobe is missing or too old
  | 'device'         // an execution provider cannot run, or the inference process died
  | 'usage'          // options that contradict each other or are out of range
  | 'cancelled';

/**
 * A failure a person is meant to read: it names the file, the cause and what to do. Everything else that is thrown is a bug.
 * `message` is one sentence (or two), without a stack and without the name of a class.
 */
export class KernelFailure extends Error {
  override readonly name = 'KernelFailure';
  constructor(readonly kind: FailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** A failure of one option: whoever knows where it was written can say so. */
export class OptionFailure extends KernelFailure {
  /** @param option its key in recipes */
  constructor(kind: FailureKind, readonly option: string, message: string, options?: ErrorOptions) {
    super(kind, message, options);
  }
}

/** The same failure in other words. */
export function reworded(failure: KernelFailure, message: string): KernelFailure {
  return failure instanceof OptionFailure ? new OptionFailure(failure.kind, failure.option, message, { cause: failure }) : new KernelFailure(failure.kind, message, { cause: failure });
}

/** First line of what an error says: libraries add stacks and hints after it. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
