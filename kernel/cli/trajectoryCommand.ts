import { basename } from 'node:path';
import type { Command } from 'commander';
import { keptStepsOf } from '../pipeline/actions/keptStepsOf.ts';
import { EnginePool } from '../pipeline/enginePool.ts';
import { walkFile } from '../pipeline/walkFile.ts';
import { actionSchemas, type TrajectoryAction } from '../recipe/actions.ts';
import { walkOptions, type RestoreRequest } from '../recipe/restoreOptions.ts';
import { addDeviceOptions, deviceFallback, type DeviceFlags } from './deviceOptions.ts';
import { interruptSignal } from './interrupt.ts';
import { progressLine } from './progressLine.ts';
import { recipeOption, type RecipeOption } from './recipeOptions.ts';
import { trimStores } from './trimStores.ts';
import { oneLine, visible } from './visible.ts';

interface TrajectoryFlags extends Omit<RestoreRequest, 'faces' | 'precision'>, DeviceFlags, Pick<TrajectoryAction, 'face' | 'frame' | 'keep'> {
  readonly precision?: TrajectoryAction['keptPrecision'];
  readonly networkPrecision?: RestoreRequest['precision'];
  readonly format?: TrajectoryAction['formats'];
  readonly json?: true;
}

/** Whoever calls this command wants files: it writes them unless it is told otherwise, and exact ones. */
const { face, frame, keep, keptPrecision, formats, output } = actionSchemas.trajectory.shape;
const options: readonly (readonly [name: string, schema: Parameters<typeof recipeOption>[1], RecipeOption?])[] = [
  ['face', face], ['frame', frame], ...Object.entries(walkOptions).map(([name, schema]) => [name, schema, name === 'precision' ? { flag: '--network-precision' } : {}] as const),
  ['keep', keep], ['keptPrecision', keptPrecision, { flag: '--precision', otherwise: 'float32' }], ['formats', formats, { flag: '--format', otherwise: 'npz,png' }], ['output', output, { short: 'o' }],
];

/** `difface trajectory <file>` */
export function addTrajectoryCommand(program: Command): void {
  const command = addDeviceOptions(program.command('trajectory'))
    .description('writes the states of the diffusion for one face: x_t, predX0 and predEps of every kept step')
    .argument('<file>', 'a picture or a clip');
  for (const [name, schema, how] of options) command.addOption(recipeOption(name, schema, how));
  command
    .option('--json', 'print the outcome as JSON on standard output')
    .action(trajectory);
}

async function trajectory(path: string, { face: number = 1, frame: inFrame, keep: kept = 'every', precision = 'float32', networkPrecision, format = ['npz', 'png'], device, deviceFallback: fallback, threads, json, ...request }: TrajectoryFlags): Promise<void> {
  const interrupt = interruptSignal();
  const engines = new EnginePool({ ...(threads === undefined ? {} : { threads }), onDeviceFailure: deviceFallback(fallback) });
  const line = progressLine(basename(path));
  try {
    const { folder, info } = await walkFile({
      path, request: { ...request, ...(networkPrecision === undefined ? {} : { precision: networkPrecision }) }, face: number, ...(inFrame === undefined ? {} : { frame: inFrame - 1 }), keeping: { steps: keptStepsOf(kept), precision }, formats: format, engines, device, signal: interrupt.signal,
      onProgress: (progress) => {
        line.show(progress);
      },
    });
    line.stop();
    const { steps, kept: states, size } = info;
    if (json === true) process.stdout.write(JSON.stringify({ folder, ...info }, null, 2) + '\n');
    else process.stdout.write(visible(`${oneLine(folder)}: ${states.length - 1} of ${steps.length} steps of face ${number}, ${size} px, and the result`) + '\n');
  } finally {
    line.stop();
    interrupt.dispose();
    engines.dispose();
    await trimStores();
  }
}
