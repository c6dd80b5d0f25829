import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KernelFailure } from './failure.ts';
import { packageFolder } from './packageFolder.ts';
import type { FileResult } from './pipeline/progress.ts';
import { restoreFiles } from './pipeline/restoreFiles.ts';
import type { KernelInfo, RestoreParams, RestoreProgressParams } from './protocol.ts';
import { findModel } from './weights/catalog.ts';

/** One function for each request of the protocol. */
export interface KernelHandlers {
  info(): Promise<KernelInfo>;
  restore(params: RestoreParams, signal: AbortSignal): Promise<FileResult>;
}

export function createHandlers(onProgress: (progress: RestoreProgressParams) => void): KernelHandlers {
  return {
    async info() {
      const { version } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string };
      return { version, model: (await findModel()).description.name };
    },
    async restore({ path, options, job }, signal) {
      const [result] = await restoreFiles([path], options, {
        device: 'auto', signal,
        onProgress: (progress) => {
          onProgress({ job, progress });
        },
      });
      if (!result) throw new KernelFailure('input', `${path} holds nothing to restore`);
      return result;
    },
  };
}
