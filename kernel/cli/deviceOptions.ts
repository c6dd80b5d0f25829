import { createInterface } from 'node:readline/promises';
import { Option, type Command } from 'commander';
import type { DeviceFailure } from '../pipeline/enginePool.ts';
import { wholeNumber } from './numbers.ts';
import { visible } from './visible.ts';

export interface DeviceFlags {
  readonly device: string;
  readonly deviceFallback: 'never' | 'ask' | 'always';
  readonly threads?: number;
}

/** The options that say where networks run. */
export function addDeviceOptions(command: Command): Command {
  return command
    .option('--device <name>', "where the networks run: 'auto', 'cpu' or another that 'difface devices' lists", 'auto')
    .addOption(new Option('--device-fallback <when>', "whether work goes on on the next device when one fails in the middle; 'ask' is 'never' where nobody can be asked").choices(['never', 'ask', 'always']).default('ask'))
    .option('--threads <count>', 'threads on the CPU (default: all cores)', wholeNumber(1, 1024));
}

/** Asks at the terminal, or answers as the flag says; what happens is said in any case. */
export function deviceFallback(policy: DeviceFlags['deviceFallback']): (failure: DeviceFailure) => Promise<boolean> {
  return async ({ device, reason, next }) => {
    const failed = visible(`${device} failed: ${reason}`);
    if (policy === 'always') {
      process.stderr.write(`\n${failed}; going on on ${next}\n`);
      return true;
    }
    if (policy === 'ask' && process.stdin.isTTY && process.stderr.isTTY) {
      const terminal = createInterface({ input: process.stdin, output: process.stderr });
      const answer = await terminal.question(`\n${failed}\nGo on on ${next}? [y/N] `).finally(() => { terminal.close(); });
      return /^y(es)?$/i.test(answer.trim());
    }
    process.stderr.write(`\n${failed}; --device-fallback always would go on on ${next}\n`);
    return false;
  };
}
