import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { LineProcess } from './lineProcess.ts';

/**
 * Measures the fp32 multiply-add peak of this machine in GFLOP/s, with a loop that does nothing else.
 * @param lanes numbers in a register: 8 with AVX2; without it, as many as the widest of the processor hold
 * @returns undefined where there is no C compiler
 */
export function multiplyAddPeak(folder: string, threads: number, lanes?: number): LineProcess | undefined {
  const program = join(folder, `multiplyAddPeak${lanes ?? ''}`);
  try {
    execFileSync('cc', ['-O3', '-march=native', '-ffp-contract=fast', '-pthread', ...(lanes === undefined ? [] : [`-DLANES=${lanes}`]), join(import.meta.dirname, 'multiplyAddPeak.c'), '-o', program], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return new LineProcess(program, [String(threads)]);
}
