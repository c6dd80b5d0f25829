import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { LineProcess } from './lineProcess.ts';

/**
 * Measures the fp32 multiply-add peak of this machine in GFLOP/s, with a loop that does nothing else.
 * @returns undefined where there is no C compiler
 */
export function multiplyAddPeak(folder: string, threads: number): LineProcess | undefined {
  const program = join(folder, 'multiplyAddPeak');
  try {
    execFileSync('cc', ['-O3', '-march=native', '-ffp-contract=fast', '-pthread', join(import.meta.dirname, 'multiplyAddPeak.c'), '-o', program], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return new LineProcess(program, [String(threads)]);
}
