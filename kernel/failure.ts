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

/** A file that cannot be read. @param error of the file system */
export function unreadable(path: string, error: unknown): KernelFailure {
  return new KernelFailure('input', `${path} cannot be read: ${systemReason(error)}`, { cause: error });
}

/** Why the file system refused something, in words for a person. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return systemReasons[code] ?? messageOf(error);
}

const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist', EACCES: 'its permissions do not allow it', EPERM: 'its permissions do not allow it', EISDIR: 'it is a folder', ENOTDIR: 'what should be its folder is a file',
  ENAMETOOLONG: 'its name is too long', ELOOP: 'its links lead in a circle', EMFILE: 'too many files are open', ENFILE: 'too many files are open', EIO: 'the disk reports an error', EBUSY: 'another program uses it',
};
