import { basename } from 'node:path';
import type { Command } from 'commander';
import { KernelFailure } from '../failure.ts';
import { replay, type Replayed } from '../pipeline/replay.ts';
import { interruptSignal } from './interrupt.ts';
import { progressLine } from './progressLine.ts';
import { oneLine, visible } from './visible.ts';

interface ReplayFlags {
  readonly keep?: string;
  readonly json?: true;
}

/** `difface replay <lockfile>` */
export function addReplayCommand(program: Command): void {
  program.command('replay')
    .description('makes a result again by the recipe that was written beside it (name.restored.difface), and says whether it is the same bit for bit')
    .argument('<lockfile>', 'the .difface file beside a result')
    .option('--keep <folder>', 'keep the new result in this folder')
    .option('--json', 'print the outcome as JSON on standard output')
    .action(async (path: string, flags: ReplayFlags) => {
      process.exitCode = await replayOne(path, flags);
    });
}

async function replayOne(path: string, { keep, json }: ReplayFlags): Promise<number> {
  const interrupt = interruptSignal();
  const line = progressLine(basename(path));
  try {
    const replayed = await replay(path, {
      signal: interrupt.signal, onProgress: (progress) => { line.show(progress); }, ...(keep === undefined ? {} : { keep }),
      onDifference: ({ message }) => {
        line.stop();
        if (json !== true) process.stdout.write(`  ${visible(oneLine(message))}\n`);
      },
    });
    line.stop();
    process.stdout.write(json === true ? `${JSON.stringify(replayed, null, 2)}\n` : `${visible(oneLine(verdict(replayed)))}\n`);
    return replayed.faithful ? 0 : 1;
  } catch (error) {
    line.stop();
    if (json === true && error instanceof KernelFailure) process.stdout.write(`${JSON.stringify({ failure: { kind: error.kind, message: error.message } }, null, 2)}\n`);
    throw error;
  } finally {
    interrupt.dispose();
  }
}

function verdict({ result, identical, differences, seconds, kept }: Replayed): string {
  const took = `made again in ${seconds.toFixed(1)} s${kept === undefined ? '' : ` as ${kept}`}`;
  if (!identical) return `${result}: not bit-identical, ${took}`;
  return `${result}: bit-identical${differences.some(({ what }) => what === 'result') ? ' to what was made then, which this file is not any more' : ''}, ${took}`;
}
