import { NotificationType, RequestType, RequestType0 } from 'vscode-languageserver-protocol';
import type { FailureKind } from './failure.ts';
import type { FileResult, RestoreProgress } from './pipeline/progress.ts';
import type { RestoreRequest } from './pipeline/request.ts';

/** A `KernelFailure` as it crosses the process border: `data` of the response error. */
export interface FailureData {
  readonly kind: FailureKind;
}

export interface KernelInfo {
  readonly version: string;
  /** Model that restores where none is named. */
  readonly model: string;
}

export interface RestoreParams {
  /** Absolute path of one picture or clip. */
  readonly path: string;
  readonly options: RestoreRequest;
  /** Chosen by the caller; names this restoration in its progress. */
  readonly job: string;
}

export interface RestoreProgressParams {
  readonly job: string;
  readonly progress: RestoreProgress;
}

/** What the editor may ask of the kernel. Every request is answered: with a result, or with an error whose `data` is `FailureData`. */
export const requests = {
  info: new RequestType0<KernelInfo, FailureData>('kernel/info'),
  restore: new RequestType<RestoreParams, FileResult, FailureData>('faces/restore'),
} as const;

/** What the kernel says unasked. */
export const notifications = {
  restoreProgress: new NotificationType<RestoreProgressParams>('faces/restoreProgress'),
} as const;
