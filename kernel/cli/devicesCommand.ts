import type { Command } from 'commander';
import { devices } from '../inference/executionProviders.ts';

/** `difface devices`: where networks can run here, and why or why not. */
export function addDevicesCommand(program: Command): void {
  program
    .command('devices')
    .description('tries every device this build knows and says which can be used')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const found = await devices();
      if (json === true) process.stdout.write(JSON.stringify(found, null, 2) + '\n');
      else for (const { provider, usable, reason } of found) process.stdout.write(`${provider.padEnd(8)}${usable ? 'usable    ' : 'not usable'}  ${reason}\n`);
    });
}
