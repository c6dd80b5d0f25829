import { basename } from 'node:path';
import type { Command } from 'commander';
import { KernelFailure } from '../failure.ts';
import { officialModelInstalled } from '../weights/catalog.ts';
import { restoreOptions, type RestoreRequest } from '../recipe/restoreOptions.ts';
import { restoreFiles } from '../pipeline/restoreFiles.ts';
import type { FileResult } from '../pipeline/progress.ts';
import { addDeviceOptions, deviceFallback, type DeviceFlags } from './deviceOptions.ts';
import { interruptSignal } from './interrupt.ts';
import { wholeNumber } from './numbers.ts';
import { progressLine, type ProgressLine } from './progressLine.ts';
import { recipeOption } from './recipeOptions.ts';
import { oneLine, visible } from './visible.ts';

interface RestoreFlags extends RestoreRequest, DeviceFlags {
  readonly batch?: number;
  readonly again?: true;
  readonly json?: true;
  readonly lockfile: boolean;
}

/** Keys that are no single value: they are for recipes. */
const structured: readonly string[] = ['branches', 'blend'];

/** `difface restore <files or folders...>` */
export function addRestoreCommand(program: Command): void {
  const command = addDeviceOptions(program.command('restore'))
    .description('restores the faces of pictures and clips; results are written beside the originals as name.restored.ext')
    .argument('<paths...>', 'pictures, clips, or folders (recursive)');
  for (const [name, schema] of Object.entries(restoreOptions)) {
    if (!structured.includes(name)) command.addOption(recipeOption(name, schema, name === 'output' ? { short: 'o' } : {}));
  }
  command
    .option('--batch <count>', "most faces computed at once (default: 1 on a CPU, else by the device's memory)", wholeNumber(1, 64))
    .option('--no-lockfile', "write no recipe beside a result; 'difface replay' makes a result again by it")
    .option('--again', 'restore anew what was restored before in the same way, under the next free name')
    .option('--json', 'print the results as JSON on standard output')
    .action(async (paths: string[], flags: RestoreFlags) => {
      process.exitCode = await restore(paths, flags);
    });
}

async function restore(paths: readonly string[], flags: RestoreFlags): Promise<number> {
  const { device, deviceFallback: fallback, threads, batch, again, json, lockfile, ...request } = flags;
  const interrupt = interruptSignal();
  const results: FileResult[] = [];
  let line: ProgressLine | undefined;
  let file = '';
  try {
    await restoreFiles(paths, request, {
      device, lockfile, reuse: again !== true,
      ...(threads === undefined ? {} : { threads }),
      ...(batch === undefined ? {} : { batch }),
      onDeviceFailure: deviceFallback(fallback),
      signal: interrupt.signal,
      onStart: (path) => {
        file = path;
        line = progressLine(basename(path));
      },
      onProgress: (progress) => {
        if (progress.stage === 'found' && progress.warning !== undefined) line?.say(`${basename(file)}: ${progress.warning}`);
        line?.show(progress);
      },
      onNote: (note) => {
        process.stderr.write(visible(oneLine(note)) + '\n');
      },
      onResult: (result) => {
        line?.stop();
        line = undefined;
        results.push(result);
        if (json !== true) (result.status === 'failed' ? process.stderr : process.stdout).write(visible(describe(result)) + '\n');
      },
    });
  } catch (error) {
    line?.stop();
    if (json === true) printJson(results, error);
    throw error;
  } finally {
    interrupt.dispose();
  }
  if (json === true) printJson(results);
  else if (results.length > 1) process.stdout.write(summary(results) + '\n');
  const failures = results.flatMap((result) => (result.status === 'failed' ? [result.kind] : []));
  if (failures.length === 0) return 0;
  return failures.every((kind) => kind === 'usage') ? 2 : 1;
}

/** One sentence for a person. */
function describe(result: FileResult): string {
  switch (result.status) {
    case 'restored': {
      const faces = `${result.faces.length} ${result.faces.length === 1 ? 'face' : 'faces'}`;
      const notes = result.notes.map((note) => `\n  ${oneLine(note)}`).join('');
      const states = result.trajectory === undefined ? '' : `\n  states in ${oneLine(result.trajectory)}`;
      return `${oneLine(result.output)}: ${faces} restored ${result.before === true ? 'before' : `in ${result.seconds.toFixed(1)} s`}${states}${notes}`;
    }
    case 'no face':
      return `${oneLine(result.input)}: no face found, nothing written`;
    case 'skipped':
      return oneLine(`${result.input}: skipped, ${result.why}`);
    case 'failed':
      return `difface: ${result.message}${result.stack === undefined ? '' : `\n${result.stack}`}`;
    default:
      return result satisfies never;
  }
}

function summary(results: readonly FileResult[]): string {
  const count = (status: FileResult['status']): number => results.filter((result) => result.status === status).length;
  const before = results.filter((result) => result.status === 'restored' && result.before === true).length;
  return `${count('restored')} restored${before > 0 ? ` (${before} of them before)` : ''}, ${count('no face')} without a face, ${count('skipped')} skipped, ${count('failed')} failed`;
}

function printJson(results: readonly FileResult[], error?: unknown): void {
  const failure = error instanceof KernelFailure ? { failure: { kind: error.kind, message: error.message } } : {};
  process.stdout.write(JSON.stringify({ officialWeightsInstalled: officialModelInstalled(), results, ...failure }, null, 2) + '\n');
}
