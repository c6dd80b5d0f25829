import { KernelFailure, type FailureKind } from '../failure.ts';

/** A file could not be had because no connection to its host was made in any attempt: other files from there would fare no better. */
export class HostUnreachable extends KernelFailure {
  /** @param host with its port, where that is not the usual one */
  constructor(kind: FailureKind, message: string, readonly host: string, options: ErrorOptions) {
    super(kind, message, options);
  }
}

/** Nothing was asked of a file's host, which could not be reached for a file before. */
export class NotTried extends KernelFailure {
  constructor(file: string, readonly host: string) {
    super('weights', `${file} was not tried, because ${host} could not be reached`);
  }
}
