import { InvalidArgumentError, Option, type Command } from 'commander';
import { EnginePool } from '../pipeline/enginePool.ts';
import { defaultSeed, type RestoreRequest } from '../recipe/restoreOptions.ts';
import { walkFile } from '../pipeline/walkFile.ts';
import { FaceWalks } from '../trajectory/walkStore.ts';
import type { KeptSteps, WalkFormat } from '../trajectory/walkTypes.ts';
import { detectorChoices } from '../weights/detectorNames.ts';
import { samplerKinds } from '../weights/model.ts';
import { addDeviceOptions, deviceFallback, type DeviceFlags } from './deviceOptions.ts';
import { interruptSignal } from './interrupt.ts';
import { numberBetween, wholeNumber } from './numbers.ts';
import { progressLine } from './progressLine.ts';
import { visible } from './visible.ts';

interface TrajectoryFlags extends Omit<RestoreRequest, 'faces' | 'precision'>, DeviceFlags {
  readonly face: number;
  readonly frame?: number;
  readonly keep: KeptSteps;
  readonly precision: 'auto' | 'float16' | 'float32';
  readonly networkPrecision: 'auto' | 'float16' | 'float32';
  readonly format: readonly WalkFormat[];
  readonly json?: true;
}

const formats = ['npz', 'png', 'webm', 'gif'] as const;

/** `difface trajectory <file>` */
export function addTrajectoryCommand(program: Command): void {
  addDeviceOptions(program.command('trajectory'))
    .description('writes the states of the diffusion for one face: x_t, predX0 and predEps of every kept step')
    .argument('<file>', 'a picture or a clip')
    .option('--face <number>', 'which face, in reading order (of a clip: order of appearance)', wholeNumber(1, 1e6), 1)
    .option('--frame <number>', 'frame of a clip, counted from 1 (default: the middle of where the face is seen)', wholeNumber(1, 1e9))
    .addOption(new Option('--detector <name>', "what finds the faces: 'auto' takes retinaface where its weights are installed, and builtin where that finds none").choices([...detectorChoices]).default('auto'))
    .option('--model <name>', "'sample', 'difface', or a folder with a model.json")
    .addOption(new Option('--sampler <name>', "how to walk back from the diffused estimate (default: the model's own)").choices([...samplerKinds]))
    .option('--start <index>', 'step of the respaced chain to which the estimate is diffused', wholeNumber(1, 1000))
    .option('--steps <count>', 'network calls from the start to 0', wholeNumber(1, 1000))
    .option('--eta <number>', 'ddim only: 0 deterministic .. 1 as noisy as ddpm', numberBetween(0, 1))
    .option('--seed <number>', 'seed of all noise', wholeNumber(0, 2 ** 32 - 1), defaultSeed)
    .addOption(new Option('--keep <which>', "'every' step, every N-th (a number), or 'logsnr:N': N of them evenly spaced in log-SNR").argParser(keptSteps).default({ kind: 'every', nth: 1 }, 'every'))
    .addOption(new Option('--precision <name>', "numbers in which the states are kept; 'auto': float16 for faces beyond 256 px, with half the disk").choices(['auto', 'float16', 'float32']).default('float32'))
    .addOption(new Option('--format <names>', `what is written, one or more of ${formats.join(', ')}`).argParser(formatList).default(['npz', 'png'], 'npz,png'))
    .option('-o, --output <folder>', 'folder in which the trajectory is written (default: beside the file)')
    .option('--aligned', 'the picture is one aligned face crop: nothing is detected')
    .addOption(new Option('--network-precision <name>', "numbers the networks compute in; 'auto': float16 on a graphics card that passed its trial with them, else float32").choices(['auto', 'float32', 'float16']).default('auto'))
    .option('--json', 'print the outcome as JSON on standard output')
    .action(trajectory);
}

async function trajectory(path: string, { face, frame, keep, precision, networkPrecision, format, device, deviceFallback: fallback, threads, json, ...request }: TrajectoryFlags): Promise<void> {
  const interrupt = interruptSignal();
  const engines = new EnginePool({ ...(threads === undefined ? {} : { threads }), onDeviceFailure: deviceFallback(fallback) });
  const line = progressLine(path);
  try {
    const { folder, info } = await walkFile({
      path, request: { ...request, precision: networkPrecision }, face, ...(frame === undefined ? {} : { frame: frame - 1 }), keeping: { steps: keep, precision }, formats: format, engines, device, signal: interrupt.signal,
      onProgress: (progress) => {
        line.show(progress);
      },
    });
    line.stop();
    const { steps, kept, size } = info;
    if (json === true) process.stdout.write(JSON.stringify({ folder, ...info }, null, 2) + '\n');
    else process.stdout.write(visible(`${folder}: ${kept.length - 1} of ${steps.length} steps of face ${face}, ${size} px, and the result`) + '\n');
  } finally {
    line.stop();
    interrupt.dispose();
    engines.dispose();
    await FaceWalks.trim(trajectoryBytes()).catch(() => undefined);
  }
}

/** What the states of walks may take on disk: `DIFFACE_TRAJECTORY_BYTES`, or 4 GB. */
function trajectoryBytes(): number {
  const wish = Number(process.env['DIFFACE_TRAJECTORY_BYTES'] ?? '');
  return wish > 0 ? wish : 4e9;
}

function keptSteps(text: string): KeptSteps {
  if (text === 'every') return { kind: 'every', nth: 1 };
  const logSnr = /^logsnr:(\d+)$/.exec(text)?.[1];
  const number = Number(logSnr ?? text);
  if (!Number.isInteger(number) || number < (logSnr === undefined ? 1 : 2)) throw new InvalidArgumentError("'every', a whole number from 1 on, or 'logsnr:N' is expected");
  return logSnr === undefined ? { kind: 'every', nth: number } : { kind: 'logSnr', count: number };
}

/** `npz,png` */
function formatList(text: string): readonly WalkFormat[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !formats.includes(name as WalkFormat));
  if (unknown !== undefined) throw new InvalidArgumentError(`'${unknown}' is none of ${formats.join(', ')}`);
  return [...new Set(names as WalkFormat[])];
}
