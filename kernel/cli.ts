#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { endWhenNobodyReads } from './cli/closedPipe.ts';
import { addDevicesCommand } from './cli/devicesCommand.ts';
import { addInspectCommand } from './cli/inspectCommand.ts';
import { addReplayCommand } from './cli/replayCommand.ts';
import { addRestoreCommand } from './cli/restoreCommand.ts';
import { addRunCommand } from './cli/runCommand.ts';
import { addTrajectoryCommand } from './cli/trajectoryCommand.ts';
import { visible } from './cli/visible.ts';
import { addWeightsCommand } from './cli/weightsCommand.ts';
import { KernelFailure } from './failure.ts';
import { productVersion } from './packageFolder.ts';

/**
 * The command line. Exit codes: 0 done (a picture without a face included), 1 something failed, 2 wrong usage, 130 interrupted.
 */
async function main(): Promise<void> {
  endWhenNobodyReads();
  const program = new Command('difface')
    .description('Restores faces in photos and video clips by diffused error contraction (Yue and Loy, TPAMI 2024).')
    .version(productVersion())
    .showHelpAfterError('(difface --help lists the commands)')
    .exitOverride();
  addRestoreCommand(program);
  addReplayCommand(program);
  addTrajectoryCommand(program);
  addRunCommand(program);
  addDevicesCommand(program);
  addInspectCommand(program);
  addWeightsCommand(program);
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;                     // commander has printed it
  if (error instanceof KernelFailure) {
    process.stderr.write(`difface: ${visible(error.message)}\n`);
    return error.kind === 'usage' ? 2 : error.kind === 'cancelled' ? 130 : 1;
  }
  process.stderr.write(`difface: an unforeseen error; please report it with this text\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}

void main();
